"""Turns stdout and stderr of one execution into events up to a limit; a long stream is written whole to a file, too.

After a restart of the agent the journal and the files say how much of each stream has been recorded.
"""

import os
from collections.abc import Iterable
from typing import Final

from grad_runner.agent.files.workspace_writer import WorkspaceWriter
from grad_runner.agent.kernels.output_files import StreamName
from grad_runner.agent.limits import OUTPUT_EVENT_BYTES
from grad_runner.gen.grad.v1 import execution_pb2 as pb
from grad_runner.gen.shared.limits import SHOWN_STREAM_BYTES

_NAMES: Final[tuple[StreamName, ...]] = ("stdout", "stderr")


class StreamRecorder:
    """`add` returns events until the limit is reached. For each stream in `must_spill` call `spill` before the next `add`.

    A stream of more than `kept_bytes` is whole in a file as well, since readers show no more of it; what is over the limit of
    events is in that file only.
    """

    def __init__(
        self,
        workspace: WorkspaceWriter,
        execution: str,
        limit_bytes: int,
        kept_bytes: int = SHOWN_STREAM_BYTES,
    ) -> None:
        """`limit_bytes` bounds both streams' events together. Files are `outputs/<execution>/<stream>.txt`."""
        self._workspace = workspace
        self._folder = f"outputs/{execution}"
        self._room_bytes = limit_bytes
        self._kept_bytes = kept_bytes
        self._journaled: dict[StreamName, int] = {"stdout": 0, "stderr": 0}
        self._left_out: dict[StreamName, int] = {"stdout": 0, "stderr": 0}
        # Streams without a file that are to have one, and what of them is in no event.
        self._pending: dict[StreamName, bytes] = {}
        # Descriptors of files that hold the whole stream; None for one that could not be written.
        self._files: dict[StreamName, int | None] = {}

    def resume(self, events: Iterable[pb.Event]) -> dict[StreamName, int]:
        """Goes on behind what the journal and the files hold; returns how many bytes of each stream that is. Raises OSError for a
        full disk."""
        for event in events:
            kind = event.WhichOneof("kind")
            if kind == "stdout" or kind == "stderr":
                data = event.stdout.data if kind == "stdout" else event.stderr.data
                self._journaled[kind] += len(data)
                self._room_bytes -= len(data)
        recorded = dict(self._journaled)
        for name in _NAMES:
            size = self._workspace.size(self._folder, file_of(name))
            # Cases: the file lacks something that the journal has, or is missing; output beyond the limit is in the file only;
            # the file has something that the journal will have once it is read again.
            if (size or 0) < self._journaled[name]:
                if size is not None or self._journaled[name] > self._kept_bytes:
                    self._pending[name] = b""
            elif size is not None:
                fd = self._files[name] = self._workspace.open(self._folder, file_of(name), append=True)
                if self._room_bytes <= 0:
                    self._left_out[name] = size - self._journaled[name]
                    recorded[name] = size
                elif fd is not None:
                    os.ftruncate(fd, self._journaled[name])
        return recorded

    def add(self, name: StreamName, data: bytes) -> list[pb.Event]:
        """Raises OSError for a full disk."""
        fits = data[: max(0, self._room_bytes)]
        rest = data[len(fits) :]
        self._room_bytes -= len(fits)
        self._journaled[name] += len(fits)
        if name in self._files:
            self._left_out[name] += len(rest)
            self._append(name, data)
        elif rest or self._journaled[name] > self._kept_bytes:
            self._pending[name] = self._pending.get(name, b"") + rest
        offsets = range(0, len(fits), OUTPUT_EVENT_BYTES)
        return [_event(name, fits[at : at + OUTPUT_EVENT_BYTES]) for at in offsets]

    def skip(self, name: StreamName, hole_bytes: int) -> None:
        """Counts a hole in the kernel's file, which is not written anywhere."""
        self._left_out[name] += hole_bytes

    @property
    def must_spill(self) -> tuple[StreamName, ...]:
        """Streams that are to have a file now."""
        return tuple(self._pending)

    def spill(self, name: StreamName, events: Iterable[pb.Event]) -> None:
        """Begins the stream's file with what its journal, whose `events` these are, holds. Slow: call it in a thread."""
        fd = self._workspace.open(self._folder, f"{name}.new")
        if fd is not None:
            for event in events:
                if event.WhichOneof("kind") == name:
                    _write(fd, event.stdout.data if name == "stdout" else event.stderr.data)
            # Gets its name only once it holds everything journaled: `resume` relies on its size.
            self._workspace.rename(self._folder, f"{name}.new", file_of(name))
        self._files[name] = fd
        rest = self._pending.pop(name)
        self._left_out[name] += len(rest)
        self._append(name, rest)

    def gaps(self) -> list[pb.Event]:
        """At the end: events for what is in no event. Closes the files."""
        gaps: list[pb.Event] = []
        for name in _NAMES:
            if self._left_out[name]:
                path = "" if self._files.get(name) is None else f"{self._folder}/{file_of(name)}"
                gaps.append(pb.Event(gap=pb.Gap(of=name, amount=self._left_out[name], path=path)))
        for fd in self._files.values():
            if fd is not None:
                os.close(fd)
        self._files = {}
        return gaps

    @property
    def only_copies(self) -> list[str]:
        """Paths of the files that have what the events leave out. Before `gaps`."""
        written = (name for name in _NAMES if self._files.get(name) is not None)
        return [f"{self._folder}/{file_of(name)}" for name in written if self._left_out[name]]

    def is_truncated(self, name: StreamName) -> bool:
        return self._left_out[name] > 0

    def _append(self, name: StreamName, data: bytes) -> None:
        fd = self._files[name]
        if fd is not None:
            _write(fd, data)


def file_of(name: StreamName) -> str:
    """Below `outputs/<execution>/`."""
    return f"{name}.txt"


def append_output(last: pb.Event, event: pb.Event) -> bool:
    """Appends the output to the last event, which nobody has seen yet, if it is of the same stream and not full: code can make
    each byte of its output come by itself."""
    kind = event.WhichOneof("kind")
    if last.WhichOneof("kind") != kind or kind not in ("stdout", "stderr"):
        return False
    target, source = (last.stdout, event.stdout) if kind == "stdout" else (last.stderr, event.stderr)
    if len(target.data) + len(source.data) > OUTPUT_EVENT_BYTES:
        return False
    target.data += source.data
    return True


def _event(name: StreamName, data: bytes) -> pb.Event:
    output = pb.Output(data=data)
    return pb.Event(stdout=output) if name == "stdout" else pb.Event(stderr=output)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
