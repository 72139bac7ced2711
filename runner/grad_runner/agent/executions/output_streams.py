"""stdout and stderr of one execution, bounded: beyond the limit a stream goes whole to a file, once.

Where a run is taken up again (the agent was started anew), what has been kept tells how far each stream was taken.
"""

import os
from collections.abc import Iterable
from typing import Final

from grad_runner.agent.files.workspace_writer import Workspace
from grad_runner.agent.kernels.output_files import StreamName
from grad_runner.agent.limits import OUTPUT_EVENT_BYTES
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_NAMES: Final[tuple[StreamName, ...]] = ("stdout", "stderr")


class StreamKeeper:
    """`put` makes events while there is component; where `must_spill` tells a stream, call `spill` before the next `put`."""

    def __init__(self, workspace: Workspace, execution: str, limit_bytes: int) -> None:
        self._workspace = workspace
        self._folder = f"outputs/{execution}"
        self._component = limit_bytes
        self._journaled: dict[StreamName, int] = {"stdout": 0, "stderr": 0}
        self._left_out: dict[StreamName, int] = {"stdout": 0, "stderr": 0}
        self._pending: dict[StreamName, bytes] = {}
        self._files: dict[StreamName, int | None] = {}

    def resume(self, events: Iterable[pb.Event]) -> dict[StreamName, int]:
        """Takes up what the journal and the files hold; returns how many bytes of each stream have been taken."""
        for event in events:
            kind = event.WhichOneof("kind")
            if kind == "stdout" or kind == "stderr":
                data = event.stdout.data if kind == "stdout" else event.stderr.data
                self._journaled[kind] += len(data)
                self._component -= len(data)
        taken = dict(self._journaled)
        for name in _NAMES:
            size = self._workspace.size(self._folder, f"{name}.txt")
            if size is not None and size >= self._journaled[name]:
                self._files[name] = self._workspace.open(self._folder, f"{name}.txt", keep=True)
                self._left_out[name] = size - self._journaled[name]
                taken[name] = size
        return taken

    def put(self, name: StreamName, data: bytes) -> list[pb.Event]:
        """Raises OSError for a full disk."""
        if name in self._files:
            self._append(name, data)
            return []
        fits = data[: max(0, self._component)]
        if len(fits) < len(data):
            self._pending[name] = self._pending.get(name, b"") + data[len(fits) :]
        self._component -= len(fits)
        self._journaled[name] += len(fits)
        cuts = range(0, len(fits), OUTPUT_EVENT_BYTES)
        return [_event(name, fits[at : at + OUTPUT_EVENT_BYTES]) for at in cuts]

    @property
    def must_spill(self) -> tuple[StreamName, ...]:
        return tuple(self._pending)

    def spill(self, name: StreamName, events: Iterable[pb.Event]) -> None:
        """Begins the stream's file with what its journal has. May take long: meant for another thread."""
        fd = self._workspace.open(self._folder, f"{name}.new")
        if fd is not None:
            for event in events:
                if event.WhichOneof("kind") == name:
                    _write(fd, event.stdout.data if name == "stdout" else event.stderr.data)
            # Under its name only once it holds all that is journaled: `resume` goes by its size.
            self._workspace.rename(self._folder, f"{name}.new", f"{name}.txt")
        self._files[name] = fd
        self._append(name, self._pending.pop(name))

    def gaps(self) -> list[pb.Event]:
        """At the end: what is not in the events. Closes the files."""
        gaps: list[pb.Event] = []
        for name in _NAMES:
            if self._left_out[name]:
                path = "" if self._files[name] is None else f"{self._folder}/{name}.txt"
                gaps.append(pb.Event(gap=pb.Gap(of=name, amount=self._left_out[name], path=path)))
        for fd in self._files.values():
            if fd is not None:
                os.close(fd)
        self._files = {}
        return gaps

    def is_truncated(self, name: StreamName) -> bool:
        return self._left_out[name] > 0

    def _append(self, name: StreamName, data: bytes) -> None:
        self._left_out[name] += len(data)
        fd = self._files[name]
        if fd is not None:
            _write(fd, data)


def _event(name: StreamName, data: bytes) -> pb.Event:
    output = pb.Output(data=data)
    return pb.Event(stdout=output) if name == "stdout" else pb.Event(stderr=output)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
