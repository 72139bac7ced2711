"""Files without a name, which take space on a disk until the last process closes them."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MOUNT_ID: Final = re.compile(r"^mnt_id:\s+(\d+)$", re.MULTILINE)
_DELETED: Final = " (deleted)"
"""What the system writes behind the path. Code can give a file that exists such a name."""


def deleted_files(processes: Path) -> Iterator[os.stat_result | None]:
    """Regular files that a process below `processes` (/proc) has open and that have no name any more; None for each other open
    file, so that the caller can rest. A file may come several times. A file of a dataset is not asked for its size: while its
    S3 server does not answer that would take for ever."""
    for process in _entries(processes):
        if not process.isdigit():
            continue
        slow: frozenset[str] | None = None
        for name in _entries(processes / process / "fd"):
            found = None
            try:
                if os.readlink(processes / process / "fd" / name).endswith(_DELETED):
                    if slow is None:
                        slow = _slow_mounts(processes / process)
                    found = _deleted(processes / process, name, slow)
            except OSError:  # it has just been closed, or the process denies the look
                pass
            yield found


def _deleted(process: Path, name: str, slow: frozenset[str]) -> os.stat_result | None:
    mount = _MOUNT_ID.search((process / "fdinfo" / name).read_text())
    if mount is None or mount[1] in slow:
        return None
    found = os.stat(process / "fd" / name)
    return found if stat.S_ISREG(found.st_mode) and found.st_nlink == 0 else None


def _slow_mounts(process: Path) -> frozenset[str]:
    """The numbers of the mounts that a program serves. Raises OSError."""
    with (process / "mountinfo").open(errors="replace") as lines:
        return frozenset(_mount for line in lines for _mount in _fuse_mount(line))


def _fuse_mount(line: str) -> list[str]:
    before, separator, after = line.partition(" - ")
    return [before.split(" ", 1)[0]] if separator and after.startswith("fuse") else []


def _entries(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
