"""Displays and results of one execution, bounded: large parts and images are files, and not more than 1,000 are kept."""

from grad_runner.agent.executions.execution import Shown
from grad_runner.agent.files import mime
from grad_runner.agent.files.workspace_writer import Workspace
from grad_runner.agent.limits import BUNDLE_BYTES, MAX_RESULTS, PART_BYTES, RESULT_BYTES
from grad_runner.gen.grad.v1 import execution_pb2 as pb


class ResultKeeper:
    """The numbers in file names follow from the order of results alone, so a run that is taken up again goes on with them."""

    def __init__(self, workspace: Workspace, execution: str) -> None:
        self._workspace = workspace
        self._folder = f"outputs/{execution}"
        self._results = 0
        self._figures = 0
        self._files = 0
        self._inline_bytes = 0
        self._left_out = 0

    def keep(self, shown: Shown, *, write: bool = True) -> pb.Event | None:
        """Its event; None where it is over the bound. `write` False counts one whose event is in the journal already.

        Raises OSError for a full disk.
        """
        if self._results >= MAX_RESULTS:
            self._left_out += 1
            return None
        self._results += 1
        bundle = pb.MimeBundle(display_id=shown.display_id, update=shown.update)
        inline = 0
        for part in mime.parts(shown.data):
            fits = len(part.data) <= PART_BYTES and inline + len(part.data) <= BUNDLE_BYTES
            fits = fits and self._inline_bytes + len(part.data) <= RESULT_BYTES
            path = self._file(part, write=write) if part.is_image or not fits else ""
            data = part.data if fits else b""
            inline += len(data)
            self._inline_bytes += len(data)
            bundle.parts.add(media_type=part.media_type, data=data, path=path, bytes=len(part.data))
        return pb.Event(result=bundle) if shown.kind == "result" else pb.Event(display=bundle)

    def dropped(self) -> None:
        """A result that could not even be read."""
        self._left_out += 1

    def gaps(self) -> list[pb.Event]:
        return [pb.Event(gap=pb.Gap(of="results", amount=self._left_out))] if self._left_out else []

    @property
    def is_truncated(self) -> bool:
        return self._left_out > 0

    def _file(self, part: mime.Part, *, write: bool) -> str:
        if part.is_image:
            self._figures += 1
            name = f"figure-{self._figures}.{mime.extension(part.media_type)}"
        else:
            self._files += 1
            name = f"result-{self._files}.{mime.extension(part.media_type)}"
        return self._workspace.write(self._folder, name, part.data) if write else f"{self._folder}/{name}"
