"""The kernel's stdout and stderr: plain files that everything in its process tree appends to."""

import errno
import fcntl
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

STDIN: Final = 0
STDOUT: Final = 1
STDERR: Final = 2


class FileOutput(io.TextIOWrapper):
    """`sys.stdout` and `sys.stderr`: each write is in the file when it returns.

    Nothing is buffered, so that text has the right order relative to what C code and child processes write, and nothing is
    lost when the kernel is killed. Lone surrogates, which UTF-8 cannot encode, are written as escapes. `reopen` is called when
    code has closed the descriptor; the text is then written all the same.
    """

    def __init__(self, fd: int, reopen: Callable[[], object]) -> None:
        super().__init__(
            io.FileIO(fd, "wb", closefd=False),
            encoding="utf-8",
            errors="backslashreplace",
            write_through=True,
        )
        self._fd = fd
        self._reopen = reopen

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        data = text.encode("utf-8", "backslashreplace")
        try:
            written = os.write(self._fd, data)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            self._reopen()
            written = os.write(self._fd, data)
        while written < len(data):  # a write may be partial: a signal, or a disk that is nearly full
            written += os.write(self._fd, memoryview(data)[written:])
        return len(text)

    def close(self) -> None:
        """Has no effect, as with ipykernel: later cells print as well."""

    def detach(self) -> io.FileIO:
        """A binary stream to the same descriptor; this one stays usable, too."""
        return io.FileIO(self._fd, "wb", closefd=False)

    def flush(self) -> None:
        """Has no effect: nothing is buffered."""

    def set_parent(self, parent: dict[str, Any]) -> None:
        """Has no effect. ipykernel calls it to label text with the request that runs; here the spool's offsets do that."""


class StandardFiles:
    """The kernel's own copies of descriptors 0, 1 and 2. Code may close those three or put something else in their place: the
    spool needs the lengths of the files all the same, and later cells need their output."""

    def __init__(self) -> None:
        """Call it once the three are what the kernel is to have."""
        self._copies = tuple(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3) for fd in (STDIN, STDOUT, STDERR))
        self._identities = tuple(_identity(fd) for fd in self._copies)
        self.stdout, self.stderr = self._copies[1:]
        self._streams = {
            "stdout": FileOutput(STDOUT, self.restore),
            "stderr": FileOutput(STDERR, self.restore),
        }

    @property
    def streams(self) -> tuple[FileOutput, FileOutput]:
        """For `sys.stdout` and `sys.stderr`."""
        return self._streams["stdout"], self._streams["stderr"]

    def restore(self) -> None:
        """Makes the three, and `sys.stdout` and `sys.stderr` where there are none, what they were."""
        for fd, copy in enumerate(self._copies):
            if _identity(fd) != self._identities[fd]:
                os.dup2(copy, fd)
            elif not os.get_inheritable(fd):
                os.set_inheritable(fd, True)
        for name, stream in self._streams.items():
            if getattr(sys, name, None) is None:
                setattr(sys, name, stream)


def _identity(fd: int) -> tuple[int, int] | None:
    """Of the open file; None for a closed descriptor."""
    try:
        info = os.fstat(fd)
    except OSError:
        return None
    return info.st_dev, info.st_ino


def redirect_to_files(folder: Path) -> None:
    """Descriptors 0, 1 and 2 become /dev/null and the files `stdout` and `stderr`, for this process and its children."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for fd, name in ((STDOUT, "stdout"), (STDERR, "stderr")):
        file = os.open(folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.dup2(file, fd)
        os.close(file)
