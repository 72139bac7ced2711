"""Files below a folder that user code may change at any time: opened by openat2 only, so that no `..`, no absolute path
and no symbolic link, however late it is put there, leads out of it."""

import ctypes
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import Final

from grad_runner.common.errors import GradError

_SYS_OPENAT2: Final = 437
_RESOLVE_NO_MAGICLINKS: Final = 0x02
_RESOLVE_NO_SYMLINKS: Final = 0x04
_RESOLVE_BENEATH: Final = 0x08
_AGAIN_TIMES: Final = 8

_libc = ctypes.CDLL(None, use_errno=True)


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_beneath(root: int, path: str, flags: int, mode: int = 0) -> int:
    """The descriptor of `path` below the folder `root`. Raises OSError; ELOOP or EXDEV for a path that leads out."""
    how = _How(flags | os.O_CLOEXEC, mode, _RESOLVE_BENEATH | _RESOLVE_NO_SYMLINKS | _RESOLVE_NO_MAGICLINKS)
    for _ in range(_AGAIN_TIMES):
        fd = _libc.syscall(
            _SYS_OPENAT2, root, os.fsencode(path), ctypes.byref(how), ctypes.c_size_t(ctypes.sizeof(how))
        )
        if fd >= 0:
            return int(fd)
        number = ctypes.get_errno()
        if number not in (
            errno.EAGAIN,
            errno.EINTR,
        ):  # EAGAIN: something was renamed while the path was walked
            break
    raise OSError(number, os.strerror(number), path)


def open_regular(root: int, path: str, flags: int, mode: int = 0) -> int:
    """As `open_beneath`, regular files only: a FIFO or a device is refused and never waited for."""
    fd = open_beneath(root, path, flags | os.O_NONBLOCK | os.O_NOCTTY, mode)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return fd


@contextmanager
def folder_beneath(root: int, path: str, *, create: bool = False) -> Iterator[int]:
    """The folder's descriptor; "" is the root itself. `create` makes what is missing. Raises OSError."""
    fd = os.dup(root)
    try:
        if create:
            for name in PurePosixPath(path).parts:
                try:
                    inner = open_beneath(fd, name, os.O_RDONLY | os.O_DIRECTORY)
                except FileNotFoundError:
                    with suppress(FileExistsError):
                        os.mkdir(name, 0o755, dir_fd=fd)
                    inner = open_beneath(fd, name, os.O_RDONLY | os.O_DIRECTORY)
                os.close(fd)
                fd = inner
        elif path:
            inner = open_beneath(root, path, os.O_RDONLY | os.O_DIRECTORY)
            os.close(fd)
            fd = inner
        yield fd
    finally:
        os.close(fd)


def allowed_path(path: str, *, below: tuple[str, ...]) -> str:
    """`path` in its plain form ("code/a.py"), which begins with one of `below`. Raises GradError `path_not_allowed`."""
    names = path.split("/")
    bad = path.startswith("/") or "\0" in path or ".." in names or len(path.encode("utf-8", "replace")) > 4000
    plain = "/".join(name for name in names if name not in ("", "."))
    if bad or plain.split("/", 1)[0] not in below:
        raise GradError(
            "path_not_allowed",
            f'Cannot use the path "{path[:200]}": paths are relative, without "..", and begin with {" or ".join(below)}',
        )
    return plain
