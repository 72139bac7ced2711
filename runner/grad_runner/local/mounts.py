"""mount(2) and umount2(2): the keeper's only privileged acts, inside its own mount namespace."""

import ctypes
import os

_MS_BIND = 0x1000
_MS_REC = 0x4000
_MS_SHARED = 0x100000
_MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)
_libc.umount2.argtypes = (ctypes.c_char_p, ctypes.c_int)


def share_folder(folder: str) -> None:
    """Makes `folder` a mount of its own whose later mounts reach every sandbox that was bound to it. Raises
    OSError."""
    path = os.fsencode(folder)
    _mount(path, path, _MS_BIND)
    _mount(None, path, _MS_REC | _MS_SHARED)


def detach_below(folder: str) -> None:
    """Unmounts `folder` and all below it, lazily: also where a reader hangs. Never raises: what is left ends
    with the namespace."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:
        for point in mounts_below(table.read(), folder):
            _libc.umount2(os.fsencode(point), _MNT_DETACH)


def mounts_below(mountinfo: str, folder: str) -> list[str]:
    """Mount points at or below `folder`, the last mounted first. Pure."""
    points = [_unescape(line.split(" ")[4]) for line in mountinfo.splitlines()]
    return [point for point in reversed(points) if point == folder or point.startswith(f"{folder}/")]


def _mount(source: bytes | None, target: bytes, flags: int) -> None:
    if _libc.mount(source, target, None, flags, None) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), os.fsdecode(target))


def _unescape(field: str) -> str:
    r"""mountinfo writes blank, tab, newline and backslash as \ooo."""
    for written, meant in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(written, meant)
    return field
