"""stdout and stderr within their limit."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.executions.stream_recorder import StreamRecorder
from grad_runner.agent.files.workspace_writer import WorkspaceWriter
from grad_runner.gen.grad.v1 import execution_pb2 as pb


@given(
    st.lists(
        st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(min_size=1, max_size=40)), max_size=30
    ),
    st.integers(0, 200),
)
def test_events_and_file_hold_the_whole_stream_for_any_limit(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[Any, bytes]], limit: int
) -> None:
    folder = tmp_path_factory.mktemp("w")
    workspace = WorkspaceWriter(folder)
    streams = StreamRecorder(workspace, "e", limit)
    events: list[pb.Event] = []
    for name, data in written:
        events += streams.add(name, data)
        for one in streams.must_spill:
            streams.spill(one, events)
    gaps = {event.gap.of: event.gap for event in streams.gaps()}
    workspace.close()
    for name in ("stdout", "stderr"):
        whole = b"".join(data for stream, data in written if stream == name)
        kept = b"".join(getattr(event, name).data for event in events)
        assert whole.startswith(kept)
        assert len(whole) == len(kept) + (gaps[name].amount if name in gaps else 0)
        if name in gaps:
            assert (Path(folder) / gaps[name].path).read_bytes() == whole
    assert sum(len(event.stdout.data) + len(event.stderr.data) for event in events) <= limit
