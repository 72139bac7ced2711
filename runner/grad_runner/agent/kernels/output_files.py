"""The files that a kernel writes: its spool of messages, and its stdout and stderr. User code may write anything into them."""

import ctypes
import os
from collections import deque
from pathlib import Path
from typing import Final, Literal

from grad_runner.agent.files.confined_fs import open_regular
from grad_runner.agent.limits import OUTPUT_EVENT_BYTES, PUNCH_BYTES
from grad_runner.kernel import spool

StreamName = Literal["stdout", "stderr"]
_READ_BYTES: Final = 1024 * 1024
_MIN_HOLE_BYTES: Final = 1024 * 1024
_BLOCK_BYTES: Final = 512
_PUNCH: Final = 0x01 | 0x02  # FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE

_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)


class KernelFile:
    """One growing file, and how far it has been read."""

    def __init__(self, folder: int, name: str, position: int | None) -> None:
        """`position` is where reading begins, in bytes; None for the file's present end. Raises OSError."""
        self.fd = open_regular(folder, name, os.O_RDWR)
        self.position = self.size() if position is None else position
        self._punched = self.position

    def size(self) -> int:
        return os.fstat(self.fd).st_size

    def read(self, limit: int, max_bytes: int = OUTPUT_EVENT_BYTES) -> bytes:
        """The next bytes before the offset `limit`, at most `max_bytes`; b"" when there are none."""
        data = os.pread(self.fd, max(0, min(limit - self.position, max_bytes)), self.position)
        self.position += len(data)
        return data

    def skip_hole(self, limit: int) -> int:
        """Goes on behind a hole of _MIN_HOLE_BYTES or more that begins here, at most to `limit`; returns its bytes. Code can make
        one of any length, which takes it no time and us hours to read."""
        info = os.fstat(self.fd)
        if info.st_blocks * _BLOCK_BYTES >= info.st_size - self.position:
            return 0  # not sparse from here on
        try:
            data_at = os.lseek(self.fd, self.position, os.SEEK_DATA)
        except OSError:  # no more data
            data_at = info.st_size
        hole = min(data_at, info.st_size, limit) - self.position
        if hole < _MIN_HOLE_BYTES:
            return 0
        self.position += hole
        return hole

    def punch(self) -> None:
        """Gives the disk space of what has been read back, now and then. Best effort: not every file system can."""
        if self.position - self._punched >= PUNCH_BYTES:
            _libc.fallocate(self.fd, _PUNCH, self._punched, self.position - self._punched)
            self._punched = self.position

    def close(self) -> None:
        os.close(self.fd)


class SpoolTail:
    """The spool's records from a position on, one at a time: `peek`, then `drop` once the record has been handled.

    A record that is not complete yet is not held in memory: a kernel may leave one of any length at the end for good.
    """

    def __init__(self, file: KernelFile) -> None:
        """`file` is at the beginning of a record, and always stays at one."""
        self.file = file
        self._ahead: deque[tuple[spool.Record, int]] = deque()
        # The file holds nothing new below this size.
        self._next_size = 0

    @property
    def position(self) -> int:
        """The offset behind the last record that was dropped."""
        return self._ahead[0][1] if self._ahead else self.file.position

    @property
    def has_more(self) -> bool:
        """The file holds a record that `peek` has not returned."""
        return bool(self._ahead) or self.file.size() >= max(self._next_size, self.file.position + 1)

    def peek(self) -> spool.Record | None:
        """The next whole record, or None. Raises spool.SpoolCorrupt."""
        if not self._ahead:
            size = self.file.size()
            if size < self.file.position:
                raise spool.SpoolCorrupt(self.file.position, "it has become shorter")
            if size < self._next_size or not self._read_ahead(size):
                return None
        return self._ahead[0][0]

    def drop(self) -> None:
        self._ahead.popleft()

    def _read_ahead(self, size: int) -> bool:
        """Decodes some records, at least one if there is one."""
        start = self.file.position
        data = self.file.read(size, _READ_BYTES)
        length = spool.record_length(data, start)
        if length is not None and len(data) < length <= size - start:
            data += self.file.read(start + length, length)
        taken = 0
        for record, end in spool.decode(data, start):
            self._ahead.append((record, start + taken))
            taken = end
        self.file.position = start + taken
        if taken == 0:
            self._next_size = start + (length or spool.PREFIX_BYTES)
        return taken > 0


def open_kernel_folder(kernels: Path, kernel: str) -> int:
    """The folder's descriptor. Raises OSError."""
    return os.open(kernels / kernel, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
