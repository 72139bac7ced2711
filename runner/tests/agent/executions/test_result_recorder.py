"""Which parts of a result are files, and what events have of long ones."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grad_runner.agent.executions.execution import RichOutput
from grad_runner.agent.executions.result_recorder import ResultRecorder
from grad_runner.agent.files.workspace_writer import WorkspaceWriter
from grad_runner.agent.limits import KEPT_TEXT_BYTES, MAX_CLEARS, PART_BYTES
from grad_runner.gen.grad.v1 import execution_pb2 as pb

OBJECT = "<IPython.core.display.HTML object>"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[WorkspaceWriter]:
    writer = WorkspaceWriter(tmp_path)
    yield writer
    writer.close()


def parts(workspace: WorkspaceWriter, data: dict[str, Any]) -> dict[str, pb.MimePart]:
    event = ResultRecorder(workspace, "id").add(RichOutput("result", data))
    assert event is not None
    return {part.media_type: part for part in event.result.parts}


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"text/plain": "x"}, {}),
        ({"text/plain": "x" * (KEPT_TEXT_BYTES + 1)}, {"text/plain": "outputs/id/result-1.txt"}),
        ({"text/plain": OBJECT, "text/html": "<p>"}, {"text/html": "outputs/id/result-1.html"}),
        ({"text/html": "<p>"}, {"text/html": "outputs/id/result-1.html"}),
        ({"text/plain": "a  b", "text/html": "<p>"}, {}),
        ({"text/plain": OBJECT, "text/markdown": "# a", "text/html": "<p>"}, {}),
        (
            {"text/plain": OBJECT, "application/vnd.gractl.table.v1+json": {}, "text/html": "<p>"},
            {},
        ),
        (
            {"text/plain": OBJECT, "image/png": base64.b64encode(b"p").decode(), "text/html": "<p>"},
            {"image/png": "outputs/id/figure-1.png"},
        ),
        (
            {"application/pdf": base64.b64encode(b"%PDF").decode()},
            {"application/pdf": "outputs/id/result-1.pdf"},
        ),
        ({"audio/wav": base64.b64encode(b"RIFF").decode()}, {"audio/wav": "outputs/id/result-1.wav"}),
        ({"application/json": {"a": 1}}, {}),
    ],
)
def test_what_cannot_be_printed_is_kept_as_a_file(
    workspace: WorkspaceWriter, tmp_path: Path, data: dict[str, Any], kept: dict[str, str]
) -> None:
    made = parts(workspace, data)
    assert {kind: part.path for kind, part in made.items() if part.path} == kept
    for part in made.values():
        assert part.bytes == len(part.data)
        assert part.path == "" or (tmp_path / part.path).read_bytes() == part.data


def test_of_a_huge_text_an_event_has_the_beginning_and_the_end(
    workspace: WorkspaceWriter, tmp_path: Path
) -> None:
    text = "begin" + "é" * PART_BYTES + "end"
    part = parts(workspace, {"text/plain": text})["text/plain"]
    shown = part.data.decode()
    assert len(part.data) <= KEPT_TEXT_BYTES
    assert shown.startswith("beginé")
    assert shown.endswith("éend")
    assert " bytes omitted " in shown
    assert part.bytes == len(text.encode())
    assert (tmp_path / part.path).read_text() == text


def test_huge_json_and_images_are_files_only(workspace: WorkspaceWriter) -> None:
    made = parts(
        workspace, {"application/json": {"a": "x" * PART_BYTES}, "image/svg+xml": "<" * (PART_BYTES + 1)}
    )
    assert [(part.data, part.path != "") for part in made.values()] == [(b"", True), (b"", True)]


def test_clearings_are_bounded(workspace: WorkspaceWriter) -> None:
    recorder = ResultRecorder(workspace, "id")
    events = [recorder.clear(wait=False) for _ in range(MAX_CLEARS + 2)]
    assert events.count(None) == 2
