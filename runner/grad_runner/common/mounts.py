"""mount(2), umount2(2), open_tree(2), move_mount(2) and mount_setattr(2), for use inside a runner's own mount namespace."""

import ctypes
import os

_MS_NOSUID_NODEV_NOEXEC = 0x2 | 0x4 | 0x8
_MS_NOSUID = 0x2
_MS_BIND = 0x1000
_MS_MOVE = 0x2000
_MS_REC = 0x4000
_MS_PRIVATE = 0x40000
_MS_SHARED = 0x100000
_MNT_DETACH = 2
# The same on every architecture; since Linux 5.2 and, mount_setattr, 5.12; not in every libc.
_SYS_OPEN_TREE = 428
_SYS_MOVE_MOUNT = 429
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_OPEN_TREE_CLONE = 0x1
_MOVE_MOUNT_F_EMPTY_PATH = 0x4
_ATTR_READ_ONLY = 0x1
_ATTR_NOSUID_NODEV = 0x2 | 0x4

_CLONE_NEWNS = 0x20000
COVER = "grad-cover"
"""Source of the empty file systems, as mountinfo names it, that hide a folder of the machine: see `mount_cover`."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)
_libc.umount2.argtypes = (ctypes.c_char_p, ctypes.c_int)


class _MountAttr(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def new_mount_namespace() -> None:
    """Leaves the machine's mount namespace for a copy: what is mounted in one later is not in the other. Raises OSError."""
    if _libc.unshare(_CLONE_NEWNS) != 0:
        raise _error("/")
    _mount(None, "/", _MS_REC | _MS_PRIVATE)


def mount_proc() -> None:
    """Mounts a whole /proc over the one that is there, of which containers hide parts. Raises OSError."""
    _mount("proc", "/proc", _MS_NOSUID_NODEV_NOEXEC, kind="proc")


def mount_cover(folder: str) -> None:
    """Hides what is in `folder` below an empty file system, in which only its owner can list and write, and everyone reaches what
    is made in it. Device files work in it. Raises OSError."""
    _mount(COVER, folder, _MS_NOSUID, kind="tmpfs", data="mode=0711,size=1m")


def is_covered(mountinfo: str, path: str) -> bool:
    """Whether `path` lies in a folder that `mount_cover` hides. Pure."""
    for line in mountinfo.splitlines():
        point, (_, source) = unescape(line.split(" ")[4]), line.split(" - ")[1].split(" ")[:2]
        if source == COVER and (path == point or path.startswith(f"{point}/")):
            return True
    return False


def bind(source: str, target: str) -> None:
    """Binds a file or a folder, with what is mounted below it, to `target`, with all its rights. Raises OSError."""
    _mount(source, target, _MS_BIND | _MS_REC)


def share_folder(folder: str) -> None:
    """Makes `folder` a shared mount: what is mounted below it later appears also where `folder` was bound before. Raises
    OSError."""
    _mount(folder, folder, _MS_BIND)
    _mount(None, folder, _MS_REC | _MS_SHARED)


def bind_folder(descriptor: int, target: str, *, writable: bool) -> None:
    """Binds the open folder to `target`, nosuid and nodev, without what is mounted below it. With `writable` it can be written
    where the folder itself can, else it is read-only. It has these flags before it can be reached. Raises OSError."""
    tree = _libc.syscall(_SYS_OPEN_TREE, descriptor, b"", _AT_EMPTY_PATH | _OPEN_TREE_CLONE | os.O_CLOEXEC)
    if tree < 0:
        raise _error(target)
    try:
        wanted = _MountAttr(attr_set=_ATTR_NOSUID_NODEV | (0 if writable else _ATTR_READ_ONLY))
        size = ctypes.sizeof(wanted)
        if _libc.syscall(_SYS_MOUNT_SETATTR, tree, b"", _AT_EMPTY_PATH, ctypes.byref(wanted), size) != 0:
            raise _error(target)
        where = (_AT_FDCWD, os.fsencode(target))
        if _libc.syscall(_SYS_MOVE_MOUNT, tree, b"", *where, _MOVE_MOUNT_F_EMPTY_PATH) != 0:
            raise _error(target)
    finally:
        os.close(tree)


def move_mount(source: str, target: str) -> None:
    """Moves the mount at `source` to `target`; files that are open in it stay open. The mount that `source` lies in must be
    private. Raises OSError."""
    _mount(source, target, _MS_MOVE)


def detach(point: str) -> bool:
    """Unmounts the topmost mount at `point`, lazily: also while a reader hangs in it. False when nothing was mounted."""
    return bool(_libc.umount2(os.fsencode(point), _MNT_DETACH) == 0)


def detach_below(folder: str) -> None:
    """Unmounts `folder` and everything below it. Never raises: what cannot be unmounted ends with the mount namespace."""
    for point in mounts_below(read_table(), folder):
        detach(point)


def read_table() -> str:
    """The mounts of this process's namespace, as in proc(5), /proc/[pid]/mountinfo."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:
        return table.read()


def mounts_below(mountinfo: str, folder: str) -> list[str]:
    """Mount points at or below `folder`, the one that was mounted last first. Pure."""
    points = [unescape(line.split(" ")[4]) for line in mountinfo.splitlines()]
    return [point for point in reversed(points) if point == folder or point.startswith(f"{folder}/")]


def mount_ids(mountinfo: str, point: str) -> frozenset[str]:
    """The ids of the mounts at `point`. Pure."""
    lines = [line.split(" ") for line in mountinfo.splitlines()]
    return frozenset(fields[0] for fields in lines if unescape(fields[4]) == point)


def _mount(
    source: str | None, target: str, flags: int, *, kind: str | None = None, data: str | None = None
) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    if _libc.mount(*encoded[:3], flags, encoded[3]) != 0:
        raise _error(target)


def _error(path: str) -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code), path)


def unescape(field: str) -> str:
    r"""mountinfo has \ooo for blank, tab, newline and backslash; the backslash must be replaced last."""
    for escaped, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(escaped, character)
    return field
