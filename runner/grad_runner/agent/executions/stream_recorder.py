"""Turns stdout and stderr of one execution into events up to a limit; a stream that goes over it is written whole to a file.

After a restart of the agent the journal and the files say how much of each stream has been recorded.
"""

import os
from collections.abc import Iterable
from typing import Final

from grad_runner.agent.files.workspace_writer import WorkspaceWriter
from grad_runner.agent.kernels.output_files import StreamName
from grad_runner.agent.limits import OUTPUT_EVENT_BYTES
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_NAMES: Final[tuple[StreamName, ...]] = ("stdout", "stderr")


class StreamRecorder:
    """`add` returns events until the limit is reached. For each stream in `must_spill` call `spill` before the next `add`."""

    def __init__(self, workspace: WorkspaceWriter, execution: str, limit_bytes: int) -> None:
        """`limit_bytes` bounds both streams' events together. Files are `outputs/<execution>/<stream>.txt`."""
        self._workspace = workspace
        self._folder = f"outputs/{execution}"
        self._room_bytes = limit_bytes
        self._journaled: dict[StreamName, int] = {"stdout": 0, "stderr": 0}
        self._left_out: dict[StreamName, int] = {"stdout": 0, "stderr": 0}
        self._pending: dict[StreamName, bytes] = {}
        self._files: dict[StreamName, int | None] = {}

    def resume(self, events: Iterable[pb.Event]) -> dict[StreamName, int]:
        """Goes on behind what the journal and the files hold; returns how many bytes of each stream that is."""
        for event in events:
            kind = event.WhichOneof("kind")
            if kind == "stdout" or kind == "stderr":
                data = event.stdout.data if kind == "stdout" else event.stderr.data
                self._journaled[kind] += len(data)
                self._room_bytes -= len(data)
        recorded = dict(self._journaled)
        for name in _NAMES:
            size = self._workspace.size(self._folder, f"{name}.txt")
            if size is not None and size >= self._journaled[name]:
                self._files[name] = self._workspace.open(self._folder, f"{name}.txt", append=True)
                self._left_out[name] = size - self._journaled[name]
                recorded[name] = size
        return recorded

    def add(self, name: StreamName, data: bytes) -> list[pb.Event]:
        """Raises OSError for a full disk."""
        if name in self._files:
            self._append(name, data)
            return []
        fits = data[: max(0, self._room_bytes)]
        if len(fits) < len(data):
            self._pending[name] = self._pending.get(name, b"") + data[len(fits) :]
        self._room_bytes -= len(fits)
        self._journaled[name] += len(fits)
        offsets = range(0, len(fits), OUTPUT_EVENT_BYTES)
        return [_event(name, fits[at : at + OUTPUT_EVENT_BYTES]) for at in offsets]

    def skip(self, name: StreamName, hole_bytes: int) -> None:
        """Counts a hole in the kernel's file, which is not written anywhere."""
        self._left_out[name] += hole_bytes

    @property
    def must_spill(self) -> tuple[StreamName, ...]:
        """Streams that have just gone over the limit."""
        return tuple(self._pending)

    def spill(self, name: StreamName, events: Iterable[pb.Event]) -> None:
        """Begins the stream's file with what its journal, whose `events` these are, holds. Slow: call it in a thread."""
        fd = self._workspace.open(self._folder, f"{name}.new")
        if fd is not None:
            for event in events:
                if event.WhichOneof("kind") == name:
                    _write(fd, event.stdout.data if name == "stdout" else event.stderr.data)
            # Gets its name only once it holds everything journaled: `resume` relies on its size.
            self._workspace.rename(self._folder, f"{name}.new", f"{name}.txt")
        self._files[name] = fd
        self._append(name, self._pending.pop(name))

    def gaps(self) -> list[pb.Event]:
        """At the end: events for what is in no event. Closes the files."""
        gaps: list[pb.Event] = []
        for name in _NAMES:
            if self._left_out[name]:
                path = "" if self._files.get(name) is None else f"{self._folder}/{name}.txt"
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
