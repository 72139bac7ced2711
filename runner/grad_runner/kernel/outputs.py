"""The kernel's stdout and stderr: plain files that everything in its process tree appends to."""

import io
import os
from pathlib import Path
from typing import Any, Final

STDOUT: Final = 1
STDERR: Final = 2


class FileOutput(io.TextIOWrapper):
    """`sys.stdout` and `sys.stderr`: each write is in the file when it returns.

    Nothing is buffered, so that text has the right order relative to what C code and child processes write, and nothing is
    lost when the kernel is killed. Lone surrogates, which UTF-8 cannot encode, are written as escapes.
    """

    def __init__(self, fd: int) -> None:
        super().__init__(
            io.FileIO(fd, "wb", closefd=False),
            encoding="utf-8",
            errors="backslashreplace",
            write_through=True,
        )
        self._fd = fd

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        data = text.encode("utf-8", "backslashreplace")
        written = os.write(self._fd, data)
        while written < len(data):  # a write may be partial: a signal, or a disk that is nearly full
            written += os.write(self._fd, memoryview(data)[written:])
        return len(text)

    def flush(self) -> None:
        """Has no effect: nothing is buffered."""

    def set_parent(self, parent: dict[str, Any]) -> None:
        """Has no effect. ipykernel calls it to label text with the request that runs; here the spool's offsets do that."""


def redirect_to_files(folder: Path) -> None:
    """Descriptors 0, 1 and 2 become /dev/null and the files `stdout` and `stderr`, for this process and its children."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for fd, name in ((STDOUT, "stdout"), (STDERR, "stderr")):
        file = os.open(folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.dup2(file, fd)
        os.close(file)
