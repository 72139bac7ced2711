"""The output of a kernel in the order in which it was written: forked kernels write a spool and files, others send iopub."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from grad_runner.agent.kernels.channel import Channel
from grad_runner.agent.kernels.inotify import InotifyWatcher
from grad_runner.agent.kernels.jupyter_wire import BadMessage, Message, parse, unpack
from grad_runner.agent.kernels.output_files import KernelFile, SpoolTail, StreamName
from grad_runner.agent.limits import COALESCE_MS
from grad_runner.kernel.spool import SpoolCorrupt


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next bytes of a stream; or none, and the length of a hole in its file."""

    stream: StreamName
    data: bytes
    hole_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Positions:
    """How far the files of a kernel have been read, in bytes."""

    spool: int
    stdout: int
    stderr: int


class KernelOutput(Protocol):
    eager: bool
    """Wake at once for messages too, without collecting: the end is near, or no reply will announce it."""

    def take(self) -> Iterator[Chunk | Message]:
        """What is there now. The caller may stop at any item and call `take` again. Raises BadMessage: kill the kernel."""

    def arm(self) -> None:
        """From now on the kernel's `wake` is set when there is more output than was taken."""

    def positions(self) -> Positions: ...
    def close(self) -> None: ...


class _StreamFiles:
    """stdout and stderr of a kernel. Wake-ups are collected: the first change wakes at once; one that follows within
    COALESCE_MS of the last `take` waits until that time is over."""

    def __init__(
        self, streams: dict[StreamName, KernelFile], watcher: InotifyWatcher, wake: Callable[[], None]
    ) -> None:
        self.streams = streams
        self._watcher = watcher
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._taken_at = 0.0
        self._armed = False
        self._timer: asyncio.TimerHandle | None = None

    def on_take(self) -> None:
        self._taken_at = self._loop.time()

    def arm(self) -> None:
        if not self._armed and self._timer is None:
            self._armed = True
            for file in self.streams.values():
                self._watcher.arm(file.fd, self.on_change)
            if any(file.size() > file.position for file in self.streams.values()):
                self.on_change()

    def on_change(self) -> None:
        if self._timer is not None:
            return
        self._armed = False
        wait = self._taken_at + COALESCE_MS / 1000 - self._loop.time()
        if wait <= 0:
            self._wake()
        else:
            self._timer = self._loop.call_later(wait, self._on_timer)

    def sizes(self) -> dict[StreamName, int]:
        return {name: file.size() for name, file in self.streams.items()}

    def read_until(self, name: StreamName, limit: int) -> Iterator[Chunk]:
        file = self.streams[name]
        while True:
            if file.position < limit and (hole := file.skip_hole(limit)):
                yield Chunk(name, b"", hole)
            if not (data := file.read(limit)):
                break
            yield Chunk(name, data)
        file.punch()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._watcher.disarm(self.on_change)
        for file in self.streams.values():
            file.close()

    def _on_timer(self) -> None:
        self._timer = None
        self._wake()


class ForkedOutput:
    """Each record of the spool holds the lengths of stdout and stderr before its message: that gives the order."""

    def __init__(
        self,
        spool: KernelFile,
        streams: dict[StreamName, KernelFile],
        watcher: InotifyWatcher,
        wake: Callable[[], None],
    ) -> None:
        self.eager = False
        self._spool = SpoolTail(spool)
        self._files = _StreamFiles(streams, watcher, wake)
        self._watcher = watcher
        self._wake = wake
        self._spool_armed = False

    def take(self) -> Iterator[Chunk | Message]:
        self._files.on_take()
        # Sizes first: output up to them was written before any record that the spool does not hold yet.
        sizes = self._files.sizes()
        try:
            while (record := self._spool.peek()) is not None:
                yield from self._files.read_until("stdout", record.stdout_offset)
                yield from self._files.read_until("stderr", record.stderr_offset)
                message = parse(record.frames)
                self._spool.drop()
                yield message
        except SpoolCorrupt as error:
            raise BadMessage(str(error)) from error
        for name, size in sizes.items():
            yield from self._files.read_until(name, size)
        self._spool.file.punch()

    def arm(self) -> None:
        self._files.arm()
        if not self._spool_armed:
            self._spool_armed = True
            self._watcher.arm(self._spool.file.fd, self._on_spool_change)
        if self._spool.has_more:
            self._on_spool_change()

    def positions(self) -> Positions:
        streams = self._files.streams
        return Positions(self._spool.position, streams["stdout"].position, streams["stderr"].position)

    def close(self) -> None:
        self._files.close()
        self._watcher.disarm(self._on_spool_change)
        self._spool.file.close()

    def _on_spool_change(self) -> None:
        self._spool_armed = False
        if self.eager:
            self._wake()
        else:
            self._files.on_change()


class PlainOutput:
    """Messages of iopub. The stdout and stderr files hold only what the kernel wrote outside of the protocol."""

    def __init__(
        self,
        iopub: Channel,
        key: bytes,
        streams: dict[StreamName, KernelFile],
        watcher: InotifyWatcher,
        wake: Callable[[], None],
    ) -> None:
        self.eager = False
        self._iopub = iopub
        self._key = key
        self._files = _StreamFiles(streams, watcher, wake)

    def take(self) -> Iterator[Chunk | Message]:
        self._files.on_take()
        for name, size in self._files.sizes().items():
            yield from self._files.read_until(name, size)
        while (frames := self._iopub.receive()) is not None:
            yield unpack(self._key, frames)
        if self._iopub.fault not in ("", "closed"):
            raise BadMessage(self._iopub.fault)

    def discard(self) -> None:
        """Ignores what is in the files now: banners of the kernel's start, which belong to no execution."""
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
