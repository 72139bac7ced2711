"""System calls of Linux that Python has no function for: mounts by descriptor (Linux 5.2), paths that cannot lead out (5.6)."""

import ctypes
import os
import struct

# Numbers of the calls, the same on x86_64 and aarch64.
_FSOPEN, _FSCONFIG, _FSMOUNT, _MOVE_MOUNT, _OPENAT2 = 430, 431, 432, 429, 437
_CLOEXEC = 1  # FSOPEN_CLOEXEC and FSMOUNT_CLOEXEC
_SET_FLAG, _SET_STRING, _CREATE = 0, 1, 6  # FSCONFIG_*
_FROM_EMPTY_PATH, _TO_EMPTY_PATH = 0x04, 0x40  # MOVE_MOUNT_F_EMPTY_PATH and MOVE_MOUNT_T_EMPTY_PATH
_MNT_DETACH, _UMOUNT_NOFOLLOW = 2, 8
RDONLY, NOSUID, NODEV = 0x1, 0x2, 0x4  # MOUNT_ATTR_*
# RESOLVE_*: nothing mounted on the way, no links of /proc, no links at all, nothing above the start
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x01, 0x02, 0x04, 0x08

_libc = ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result: int = _libc.syscall(ctypes.c_long(number), *given)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def new_file_system(kind: str, options: str, attributes: int) -> int:
    """A descriptor of a mounted file system that is attached nowhere yet. `options` are `name=value` and flags, separated by
    commas. Raises OSError."""
    file_system = _call(_FSOPEN, kind.encode(), _CLOEXEC)
    try:
        for option in options.split(","):
            name, _, value = option.encode().partition(b"=")
            command, argument = (_SET_STRING, value) if value else (_SET_FLAG, None)
            _call(_FSCONFIG, file_system, command, name, argument, 0)
        _call(_FSCONFIG, file_system, _CREATE, None, None, 0)
        return _call(_FSMOUNT, file_system, _CLOEXEC, attributes)
    finally:
        os.close(file_system)


def attach(mount: int, folder: int, name: str) -> None:
    """Attaches the mount on the folder `name` in `folder`, by descriptor, without following links. Raises OSError, EXDEV where
    something is mounted there already."""
    flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    resolve = _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH
    how = ctypes.create_string_buffer(struct.pack("QQQ", flags, 0, resolve), 24)
    place = _call(_OPENAT2, folder, name.encode(), how, 24)
    try:
        _call(_MOVE_MOUNT, mount, b"", place, b"", _FROM_EMPTY_PATH | _TO_EMPTY_PATH)
    finally:
        os.close(place)


def detach(path: str) -> bool:
    """Unmounts what is mounted last at `path`; False where nothing is."""
    return bool(_libc.umount2(path.encode(), _MNT_DETACH | _UMOUNT_NOFOLLOW) == 0)
