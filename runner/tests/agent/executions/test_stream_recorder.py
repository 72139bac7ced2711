"""stdout and stderr within their limit, and the files that have all of a long stream."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.executions.stream_recorder import StreamRecorder
from grad_runner.agent.files.workspace_writer import WorkspaceWriter
from grad_runner.gen.grad.v1 import execution_pb2 as pb

NAMES: Any = ("stdout", "stderr")
WRITTEN = st.lists(st.tuples(st.sampled_from(NAMES), st.binary(min_size=1, max_size=40)), max_size=30)


class Volume:
    """A workspace on the disk, and the journal of one execution."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = WorkspaceWriter(folder)
        self.journal: list[pb.Event] = []

    def add(self, streams: StreamRecorder, written: list[tuple[Any, bytes]]) -> None:
        for name, data in written:
            self.journal += streams.add(name, data)
            self.spill(streams)

    def spill(self, streams: StreamRecorder) -> None:
        for one in streams.must_spill:
            streams.spill(one, self.journal)

    def file(self, name: str) -> Path:
        return self.folder / "outputs/e" / f"{name}.txt"

    def check(
        self,
        streams: StreamRecorder,
        whole: dict[str, bytes],
        *,
        limit: int,
        kept: int,
        was_resumed: bool = False,
    ) -> None:
        only_copies = set(streams.only_copies)
        gaps = {event.gap.of: event.gap for event in streams.gaps()}
        for name in NAMES:
            shown = b"".join(getattr(event, name).data for event in self.journal)
            assert whole[name].startswith(shown)
            assert len(whole[name]) == len(shown) + (gaps[name].amount if name in gaps else 0)
            has_file = name in gaps or len(whole[name]) > kept
            # After a restart another stream may be the one that goes over the limit: then the first has a file all the same.
            assert self.file(name).exists() == has_file or (was_resumed and not has_file)
            assert (f"outputs/e/{name}.txt" in only_copies) == (name in gaps)
            if self.file(name).exists():
                assert self.file(name).read_bytes() == whole[name]
            if name in gaps:
                assert gaps[name].path == f"outputs/e/{name}.txt"
        assert sum(len(event.stdout.data) + len(event.stderr.data) for event in self.journal) <= limit


@pytest.fixture
def volumes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    made: list[Volume] = []

    def make() -> Volume:
        made.append(Volume(tmp_path_factory.mktemp("w")))
        return made[-1]

    yield make
    for volume in made:
        volume.workspace.close()


def whole_of(written: list[tuple[Any, bytes]]) -> dict[str, bytes]:
    return {name: b"".join(data for stream, data in written if stream == name) for name in NAMES}


@given(WRITTEN, st.integers(0, 200), st.integers(0, 200))
def test_events_and_file_hold_the_whole_stream_for_any_limit(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[Any, bytes]], limit: int, kept: int
) -> None:
    volume = Volume(tmp_path_factory.mktemp("w"))
    streams = StreamRecorder(volume.workspace, "e", limit, kept)
    volume.add(streams, written)
    volume.check(streams, whole_of(written), limit=limit, kept=kept)
    volume.workspace.close()


@given(
    WRITTEN,
    st.integers(0, 200),
    st.integers(0, 200),
    st.integers(0, 30),
    st.integers(0, 3),
    st.integers(0, 90),
)
def test_nothing_is_lost_or_repeated_when_the_agent_ends_in_between(
    tmp_path_factory: pytest.TempPathFactory,
    written: list[tuple[Any, bytes]],
    limit: int,
    kept: int,
    ends_after: int,
    unjournaled: int,
    lost_bytes: int,
) -> None:
    """The journal lacks the last `unjournaled` events, or the files their last bytes, as after a crash of the machine."""
    volume = Volume(tmp_path_factory.mktemp("w"))
    first = StreamRecorder(volume.workspace, "e", limit, kept)
    volume.add(first, written[:ends_after])
    first.gaps()
    del volume.journal[len(volume.journal) - unjournaled :]
    if unjournaled == 0:
        for name in NAMES:
            if volume.file(name).exists() and lost_bytes:
                os.truncate(volume.file(name), max(0, volume.file(name).stat().st_size - lost_bytes))

    second = StreamRecorder(volume.workspace, "e", limit, kept)
    recorded = second.resume(volume.journal)
    volume.spill(second)
    whole = whole_of(written)
    # What the kernel's files have behind what was recorded is read again.
    volume.add(
        second, [(name, whole[name][recorded[name] :]) for name in NAMES if whole[name][recorded[name] :]]
    )
    volume.check(second, whole, limit=limit, kept=kept, was_resumed=True)
    volume.workspace.close()


def test_a_stream_whose_file_cannot_be_written_goes_on_in_its_events(volumes: Any) -> None:
    volume = volumes()
    (volume.folder / "outputs").mkdir()
    (volume.folder / "outputs/e").symlink_to("/")
    streams = StreamRecorder(volume.workspace, "e", 100, 10)
    volume.add(streams, [("stdout", b"x" * 20), ("stdout", b"y" * 100)])
    gap = streams.gaps()[0].gap
    assert (gap.amount, gap.path) == (20, "")
    assert sum(len(event.stdout.data) for event in volume.journal) == 100
