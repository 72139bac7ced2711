"""What a kernel says, in its order, whichever way it comes: forked kernels by spool and files, others by iopub."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from grad_runner.agent.kernels.inotify import Watcher
from grad_runner.agent.kernels.jupyter_wire import BadMessage, Message, parse, unpack
from grad_runner.agent.kernels.output_files import KernelFile, SpoolTail, StreamName
from grad_runner.agent.kernels.zmq_channel import Channel
from grad_runner.agent.limits import COALESCE_MS
from grad_runner.kernel.spool import SpoolCorrupt


@dataclass(frozen=True, slots=True)
class Chunk:
    stream: StreamName
    data: bytes


@dataclass(frozen=True, slots=True)
class Positions:
    """How far a forked kernel's files have been taken."""

    spool: int
    stdout: int
    stderr: int


class KernelOutput(Protocol):
    eager: bool
    """The end is near, or nothing else tells of it: wake at once for messages too."""

    def take(self) -> Iterator[Chunk | Message]:
        """What is there now; may be left at any point and taken up again. Raises BadMessage: kill the kernel then."""

    def arm(self) -> None:
        """The kernel's `wake` is set once there is more than what was taken."""

    def positions(self) -> Positions: ...
    def close(self) -> None: ...


class _Files:
    """stdout and stderr of a kernel, and wake-ups that coalesce: the first change wakes at once, one that follows within
    20 ms of the last look waits for the rest of them."""

    def __init__(
        self, streams: dict[StreamName, KernelFile], watcher: Watcher, wake: Callable[[], None]
    ) -> None:
        self.streams = streams
        self._watcher = watcher
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._looked_at = 0.0
        self._armed = False
        self._timer: asyncio.TimerHandle | None = None

    def looked(self) -> None:
        self._looked_at = self._loop.time()

    def arm(self) -> None:
        if not self._armed and self._timer is None:
            self._armed = True
            for file in self.streams.values():
                self._watcher.arm(file.fd, self.changed)
            if any(file.size() > file.position for file in self.streams.values()):
                self.changed()

    def changed(self) -> None:
        if self._timer is not None:
            return
        self._armed = False
        wait = self._looked_at + COALESCE_MS / 1000 - self._loop.time()
        if wait <= 0:
            self._wake()
        else:
            self._timer = self._loop.call_later(wait, self._due)

    def upto(self, name: StreamName, limit: int) -> Iterator[Chunk]:
        file = self.streams[name]
        while data := file.read(limit):
            yield Chunk(name, data)
        file.punch()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._watcher.forget(self.changed)
        for file in self.streams.values():
            file.close()

    def _due(self) -> None:
        self._timer = None
        self._wake()


class ForkedOutput:
    """The spool's records say how long stdout and stderr were before each message: that gives the order."""

    def __init__(
        self,
        spool: KernelFile,
        streams: dict[StreamName, KernelFile],
        watcher: Watcher,
        wake: Callable[[], None],
    ) -> None:
        self.eager = False
        self._spool = SpoolTail(spool)
        self._files = _Files(streams, watcher, wake)
        self._watcher = watcher
        self._wake = wake
        self._spool_armed = False

    def take(self) -> Iterator[Chunk | Message]:
        self._files.looked()
        # Sizes first: what is beyond the last record then was written before any record that is not there yet.
        sizes: dict[StreamName, int] = {name: file.size() for name, file in self._files.streams.items()}
        try:
            while (record := self._spool.peek()) is not None:
                yield from self._files.upto("stdout", record.stdout_offset)
                yield from self._files.upto("stderr", record.stderr_offset)
                message = parse(record.frames)
                self._spool.drop()
                yield message
        except SpoolCorrupt as error:
            raise BadMessage(str(error)) from error
        for name, size in sizes.items():
            yield from self._files.upto(name, size)
        self._spool.file.punch()

    def arm(self) -> None:
        self._files.arm()
        if not self._spool_armed:
            self._spool_armed = True
            self._watcher.arm(self._spool.file.fd, self._spool_changed)
        if self._spool.file.size() > self._spool.file.position:
            self._spool_changed()

    def positions(self) -> Positions:
        streams = self._files.streams
        return Positions(self._spool.position, streams["stdout"].position, streams["stderr"].position)

    def close(self) -> None:
        self._files.close()
        self._watcher.forget(self._spool_changed)
        self._spool.file.close()

    def _spool_changed(self) -> None:
        self._spool_armed = False
        if self.eager:
            self._wake()
        else:
            self._files.changed()


class PlainOutput:
    """iopub's messages; stdout and stderr files have only what the kernel wrote outside of the protocol."""

    def __init__(
        self,
        iopub: Channel,
        key: bytes,
        streams: dict[StreamName, KernelFile],
        watcher: Watcher,
        wake: Callable[[], None],
    ) -> None:
        self.eager = False
        self._iopub = iopub
        self._key = key
        self._files = _Files(streams, watcher, wake)

    def take(self) -> Iterator[Chunk | Message]:
        self._files.looked()
        sizes: dict[StreamName, int] = {name: file.size() for name, file in self._files.streams.items()}
        for name, size in sizes.items():
            yield from self._files.upto(name, size)
        while (frames := self._iopub.receive()) is not None:
            yield unpack(self._key, frames)

    def skip(self) -> None:
        """What is there now is of nobody: banners of a kernel's start."""
        for file in self._files.streams.values():
            file.position = file.size()

    def arm(self) -> None:
        self._files.arm()

    def positions(self) -> Positions:
        streams = self._files.streams
        return Positions(0, streams["stdout"].position, streams["stderr"].position)

    def close(self) -> None:
        self._files.close()
        self._iopub.close()
