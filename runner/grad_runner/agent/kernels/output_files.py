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

    def punch(self) -> None:
        """Gives the disk space of what has been read back, now and then. Best effort: not every file system can."""
        if self.position - self._punched >= PUNCH_BYTES:
            _libc.fallocate(self.fd, _PUNCH, self._punched, self.position - self._punched)
            self._punched = self.position

    def close(self) -> None:
        os.close(self.fd)


class SpoolTail:
    """The spool's records from a position on, one at a time: `peek`, then `drop` once the record has been handled."""

    def __init__(self, file: KernelFile) -> None:
        self.file = file
        self._ahead: deque[tuple[spool.Record, int]] = deque()
        self._torn = b""

    @property
    def position(self) -> int:
        """The offset behind the last record that was dropped."""
        return self._ahead[0][1] if self._ahead else self.file.position - len(self._torn)

    def peek(self) -> spool.Record | None:
        """The next whole record, or None. Raises spool.SpoolCorrupt."""
        while not self._ahead:
            chunk = self.file.read(self.file.position + _READ_BYTES, _READ_BYTES)
            if not chunk:
                if self.file.size() < self.file.position:
                    raise spool.SpoolCorrupt(self.file.position, "it has become shorter")
                return None
            data = self._torn + chunk
            start = self.file.position - len(data)
            begin = 0
            for record, end in spool.decode(data, start):
                self._ahead.append((record, start + begin))
                begin = end
            self._torn = data[begin:]
        return self._ahead[0][0]

    def drop(self) -> None:
        self._ahead.popleft()


def open_kernel_folder(kernels: Path, kernel: str) -> int:
    """The folder's descriptor. Raises OSError."""
    return os.open(kernels / kernel, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
