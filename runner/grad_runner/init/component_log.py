"""What a component writes to stdout and stderr: read from pipes and appended to its log, within bounds.

User code can open the descriptors of some processes of its component through /proc. With the log itself among them it could read
it, empty it, or fill the disk; in a pipe it can write text, of which no more is kept than of anybody else's.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

MAX_LOG_BYTES: Final = 8 * 1024 * 1024
KEPT_BYTES: Final = 2 * 1024 * 1024
"""What is left of a log that would exceed MAX_LOG_BYTES: its end."""
BURST_BYTES: Final = 1024 * 1024
BYTES_PER_SECOND: Final = 64 * 1024
_READ_BYTES: Final = 64 * 1024


@dataclass(slots=True)
class Allowance:
    """How many bytes may be written: a burst, and afterwards so many a second. Pure: instants are seconds of one clock."""

    _left: float = BURST_BYTES
    _at: float = 0.0

    def take(self, wanted: int, now: float) -> int:
        """How many of `wanted` bytes may be written now."""
        self._left = min(BURST_BYTES, self._left + (now - self._at) * BYTES_PER_SECOND)
        self._at = now
        granted = min(wanted, int(self._left))
        self._left -= granted
        return granted


@dataclass(slots=True)
class ComponentLog:
    """The log of one start of a component. Give the component the descriptors of `pipe`; the log ends when it has closed them."""

    path: str
    clock: Callable[[], float] = time.monotonic
    _file: int = -1
    _pipes: set[int] = field(default_factory=set)
    _allowance: Allowance = field(default_factory=Allowance)
    _left_out: int = 0

    def pipe(self) -> int:
        """The writing end of a new pipe, to be closed when the component has it. Needs a running loop. Raises OSError."""
        if self._file < 0:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            self._file = os.open(self.path, flags, 0o600)
        reader, writer = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(reader, False)
        self._pipes.add(reader)
        asyncio.get_running_loop().add_reader(reader, self._read, reader)
        return writer

    def append(self, data: bytes) -> None:
        """Writes what is allowed of `data`, and says how much was left out before. A disk that is full loses it."""
        granted = self._allowance.take(len(data), self.clock())
        if self._left_out and granted:
            self._write(b"\n[%d bytes were left out]\n" % self._left_out)
            self._left_out = 0
        self._left_out += len(data) - granted
        self._write(data[:granted])

    def _read(self, reader: int) -> None:
        try:
            data = os.read(reader, _READ_BYTES)
        except BlockingIOError:
            return
        if data:
            self.append(data)
            return
        asyncio.get_running_loop().remove_reader(reader)
        os.close(reader)
        self._pipes.discard(reader)
        if not self._pipes:
            os.close(self._file)
            self._file = -1

    def _write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            if os.fstat(self._file).st_size + len(data) > MAX_LOG_BYTES:
                self._shorten()
            os.write(self._file, data)

    def _shorten(self) -> None:
        size = os.fstat(self._file).st_size
        end = os.pread(self._file, KEPT_BYTES, max(0, size - KEPT_BYTES))
        os.ftruncate(self._file, 0)
        os.write(self._file, end)
