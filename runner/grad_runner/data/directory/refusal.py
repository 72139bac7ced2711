"""Which folders of the machine may be datasets. A dataset file may come from a stranger, and what it names is shown to code: no
folder that holds grad's own files or sockets, the whole home folder, or the system's."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grad_runner.data.directory.folder import Folder, Identity, identity_of
from grad_runner.data.directory.location import (
    Location,
    MountEntry,
    contains,
    is_at_or_below,
    location_in,
    location_of,
)

_SYSTEM: Final = ("/proc", "/sys", "/dev", "/run", "/var/run")
"""Sockets of all services are below /run, and those of the user's own below /run/user."""
_REMOVABLE_DISKS: Final = "/run/media"
_KERNELS_OWN: Final = frozenset(
    (
        *("binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs"),
        *("efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "rpc_pipefs", "securityfs"),
        *("selinuxfs", "sysfs", "tracefs"),
    )
)
"""Kinds of file systems that hold no files but show or control the machine."""
_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})


@dataclass(frozen=True, slots=True)
class Protected:
    """`folders` hold what grad and gractl keep for themselves: no dataset is at, above or below one of them. No dataset is at or
    above `home`, which may be empty."""

    folders: tuple[str, ...] = ()
    home: str = ""


def folder_fault(folder: Folder, protected: Protected, mounts: Sequence[MountEntry]) -> str | None:
    """Why the folder may not be a dataset, or None. `mounts` are those of this process."""
    entry = next((mount for mount in mounts if mount.id == folder.mount_id), None)
    if entry is None or not is_at_or_below(folder.path, entry.point):
        return "lies on a file system that the runner does not see"
    here = location_in(entry, folder.path)
    if _is_system(folder.path, entry, here, mounts):
        return "is one of the system's"
    for path in protected.folders:
        for name in _names(path):
            there = location_of(name, mounts)
            if is_at_or_below(folder.path, name) or (there is not None and contains(there, here)):
                return f"is in {path}, where grad and gractl keep files of their own"
            if _is_at_or_above(folder, here, name, mounts):
                return f"contains {path}, where grad and gractl keep files of their own"
    if any(_is_at_or_above(folder, here, name, mounts) for name in _names(protected.home)):
        return "contains the home folder"
    if _is_at_or_above(folder, here, "/", mounts):
        return "is the whole machine"
    below = next(
        (
            mount.point
            for mount in mounts
            if mount.point != folder.path and is_at_or_below(mount.point, folder.path)
        ),
        None,
    )
    return None if below is None else f"has another file system in it, at {below}, which code would not see"


def _is_system(path: str, entry: MountEntry, here: Location, mounts: Sequence[MountEntry]) -> bool:
    if entry.kind in _KERNELS_OWN:
        return True
    if path.startswith(f"{_REMOVABLE_DISKS}/"):
        return False
    for name in (name for system in _SYSTEM for name in _names(system)):
        there = location_of(name, mounts)
        if is_at_or_below(path, name) or (there is not None and contains(there, here)):
            return True
    # A file system of /run or /dev that is bound elsewhere, too.
    return any(
        mount.device == entry.device
        for mount in mounts
        if mount.kind in _IN_MEMORY and any(is_at_or_below(mount.point, system) for system in _SYSTEM)
    )


def _is_at_or_above(folder: Folder, here: Location, path: str, mounts: Sequence[MountEntry]) -> bool:
    there = location_of(path, mounts)
    return (
        is_at_or_below(path, folder.path)
        or (there is not None and contains(here, there))
        or folder.identity in _identities_above(path)
    )


def _identities_above(path: str) -> set[Identity]:
    """Of the path and all folders above it, as far as they may be looked at."""
    parts = [part for part in path.split("/") if part]
    above = ["/" + "/".join(parts[:count]) for count in range(len(parts) + 1)]
    return {identity for one in above if (identity := identity_of(one)) is not None}


def _names(path: str) -> set[str]:
    """The path as it is written and without links; none for an empty one."""
    return {os.path.normpath(path), os.path.realpath(path)} if path else set()
