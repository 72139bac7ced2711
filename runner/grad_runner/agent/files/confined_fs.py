"""Opens files below a folder that user code may change at any time. openat2 resolves the path inside the system call, so no
`..`, no absolute path and no symbolic link leads out of the folder, however late it is created."""

import ctypes
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import Final

from grad_runner.agent.limits import MAX_PATH_BYTES
from grad_runner.common.errors import GradError

WORKSPACE: Final = "/workspace"
"""What user code sees the workspace as."""
DATA: Final = "data"
"""The folder of the datasets in it."""

_SYS_OPENAT2: Final = 437
_RESOLVE_NO_MAGICLINKS: Final = 0x02
_RESOLVE_NO_SYMLINKS: Final = 0x04
_RESOLVE_BENEATH: Final = 0x08
_MAX_TRIES: Final = 8
"""openat2 answers EAGAIN when something is renamed while it resolves the path."""

_libc = ctypes.CDLL(None, use_errno=True)


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_confined(root: int, path: str, flags: int, mode: int = 0) -> int:
    """Opens `path` below the folder `root`; returns the descriptor. Raises OSError: ELOOP for a symbolic link anywhere in the
    path, EXDEV for a path that leads out."""
    how = _How(flags | os.O_CLOEXEC, mode, _RESOLVE_BENEATH | _RESOLVE_NO_SYMLINKS | _RESOLVE_NO_MAGICLINKS)
    for _ in range(_MAX_TRIES):
        fd = _libc.syscall(
            _SYS_OPENAT2, root, os.fsencode(path), ctypes.byref(how), ctypes.c_size_t(ctypes.sizeof(how))
        )
        if fd >= 0:
            return int(fd)
        number = ctypes.get_errno()
        if number not in (errno.EAGAIN, errno.EINTR):
            break
    raise OSError(number, os.strerror(number), path)


def open_regular(root: int, path: str, flags: int, mode: int = 0) -> int:
    """As `open_confined`, regular files only: a FIFO or a device is refused, without waiting for it."""
    fd = open_confined(root, path, flags | os.O_NONBLOCK | os.O_NOCTTY, mode)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return fd


@contextmanager
def open_confined_folder(root: int, path: str, *, create: bool = False) -> Iterator[int]:
    """The folder's descriptor, closed at the end of the block; "" is the root itself. `create` makes missing folders. Raises
    OSError."""
    fd = os.dup(root)
    try:
        if create:
            for name in PurePosixPath(path).parts:
                try:
                    inner = open_confined(fd, name, os.O_RDONLY | os.O_DIRECTORY)
                except FileNotFoundError:
                    with suppress(FileExistsError):
                        os.mkdir(name, 0o755, dir_fd=fd)
                    inner = open_confined(fd, name, os.O_RDONLY | os.O_DIRECTORY)
                os.close(fd)
                fd = inner
        elif path:
            inner = open_confined(root, path, os.O_RDONLY | os.O_DIRECTORY)
            os.close(fd)
            fd = inner
        yield fd
    finally:
        os.close(fd)


def plain_path(path: str) -> str:
    """A path below /workspace, written from there ("code/./a.py") or in full ("/workspace/code/a.py"), in its plain form
    ("code/a.py"); "" for /workspace itself. Raises GradError `path_not_allowed`."""
    inner = path
    if path == WORKSPACE or path.startswith(f"{WORKSPACE}/"):
        inner = path[len(WORKSPACE) :].lstrip("/")
    names = inner.split("/")
    too_long = len(path.encode("utf-8", "replace")) > MAX_PATH_BYTES
    if inner.startswith("/") or "\0" in inner or ".." in names or too_long:
        raise GradError(
            "path_not_allowed",
            f'Cannot use the path "{path[:200]}": paths are below {WORKSPACE}, without ".."',
            f"Write it from {WORKSPACE} on, such as outputs/table.csv; see `gractl file list`.",
        )
    return "/".join(name for name in names if name not in ("", "."))


def is_in_data(plain: str) -> bool:
    """Whether a plain path is that of the datasets, or below it: everything else below /workspace is the user's."""
    return plain.partition("/")[0] == DATA
