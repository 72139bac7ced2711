"""An open folder: what is checked is what is mounted, whatever takes its name in between."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

Identity = tuple[int, int]
"""Device and inode: another one under the same path is another folder."""


@dataclass(frozen=True, slots=True)
class Folder:
    """`path` is the real one, without links; `descriptor` is open with O_PATH."""

    descriptor: int
    path: str
    identity: Identity
    mount_id: int

    @property
    def by_descriptor(self) -> str:
        """A path that leads to this very folder."""
        return f"/proc/self/fd/{self.descriptor}"


@contextmanager
def opened_folder(path: str) -> Iterator[Folder]:
    """The folder that `path` leads to now, links followed. Raises OSError, also for a file and a folder just removed."""
    descriptor = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if found.st_nlink == 0:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        real = os.readlink(f"/proc/self/fd/{descriptor}")
        yield Folder(descriptor, real, (found.st_dev, found.st_ino), _mount_id(descriptor))
    finally:
        os.close(descriptor)


def identity_of(path: str) -> Identity | None:
    """None for what does not exist or may not be looked at."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _mount_id(descriptor: int) -> int:
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as info:
        return next(int(line.split()[1]) for line in info if line.startswith("mnt_id:"))
