"""Turns displays and results of one execution into events, bounded: large parts and images become files."""

from typing import Final

from grad_runner.agent.executions.execution import RichOutput
from grad_runner.agent.files import mime
from grad_runner.agent.files.workspace_writer import WorkspaceWriter
from grad_runner.agent.limits import (
    BUNDLE_BYTES,
    KEPT_TEXT_BYTES,
    MAX_CLEARS,
    MAX_RESULTS,
    PART_BYTES,
    RESULT_BYTES,
)
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_MARKER_BYTES: Final = 64


class ResultRecorder:
    """File names are numbered by the order of results alone, so a resumed execution goes on with the same numbers."""

    def __init__(self, workspace: WorkspaceWriter, execution: str) -> None:
        self._workspace = workspace
        self._folder = f"outputs/{execution}"
        self._results = 0
        self._figures = 0
        self._files = 0
        self._inline_bytes = 0
        self._left_out = 0
        self._clears = 0

    def add(self, output: RichOutput, *, write: bool = True) -> pb.Event | None:
        """The event of a display or result; None for those over MAX_RESULTS, which `gaps` counts.

        `write` False counts one whose event is in the journal already. Raises OSError for a full disk.
        """
        if self._results >= MAX_RESULTS:
            self._left_out += 1
            return None
        self._results += 1
        bundle = pb.MimeBundle(display_id=output.display_id, update=output.update)
        inline = 0
        parts = mime.parts(output.data)
        is_page = mime.is_page(parts)
        for part in parts:
            fits = len(part.data) <= PART_BYTES and inline + len(part.data) <= BUNDLE_BYTES
            fits = fits and self._inline_bytes + len(part.data) <= RESULT_BYTES
            # Cases: what cannot be printed; a text that is shown only in part; HTML that only a browser shows.
            is_kept = not part.is_text or part.is_image or len(part.data) > KEPT_TEXT_BYTES or not fits
            is_kept = is_kept or (is_page and part.media_type == "text/html")
            path = self._file(part, write=write) if is_kept else ""
            data = part.data if fits else self._preview(part)
            inline += len(data)
            self._inline_bytes += len(data)
            bundle.parts.add(media_type=part.media_type, data=data, path=path, bytes=len(part.data))
        return pb.Event(result=bundle) if output.kind == "result" else pb.Event(display=bundle)

    def clear(self, *, wait: bool) -> pb.Event | None:
        """The event that asks to remove what was shown; None for those over MAX_CLEARS, which only make the output longer."""
        self._clears += 1
        return pb.Event(clear_output=pb.ClearOutput(wait=wait)) if self._clears <= MAX_CLEARS else None

    def leave_out(self) -> None:
        """Counts a result that was too large to be taken."""
        self._left_out += 1

    def gaps(self) -> list[pb.Event]:
        return [pb.Event(gap=pb.Gap(of="results", amount=self._left_out))] if self._left_out else []

    @property
    def is_truncated(self) -> bool:
        return self._left_out > 0

    def _preview(self, part: mime.Part) -> bytes:
        """Of a part that is too large: nothing of one that only has a meaning as a whole."""
        is_prose = part.media_type.startswith("text/") and len(part.data) > KEPT_TEXT_BYTES
        fits = is_prose and self._inline_bytes + KEPT_TEXT_BYTES <= RESULT_BYTES
        return mime.preview(part, KEPT_TEXT_BYTES - _MARKER_BYTES) if fits else b""

    def _file(self, part: mime.Part, *, write: bool) -> str:
        """Its path below /workspace; "" if it could not be written."""
        if part.is_image:
            self._figures += 1
            name = f"figure-{self._figures}.{mime.extension(part.media_type)}"
        else:
            self._files += 1
            name = f"result-{self._files}.{mime.extension(part.media_type)}"
        return self._workspace.write(self._folder, name, part.data) if write else f"{self._folder}/{name}"
