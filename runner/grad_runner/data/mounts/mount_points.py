"""Where datasets appear. A mount is made on a staging folder, which user code does not see, and moved to its mount point when it
can be read. A mount point has no permissions at all, so that a dataset's folder is absent, or shows the data, or gives errors,
however its mount ends and whoever is killed meanwhile; it is never an empty folder."""

import contextlib
import itertools
import os
import shutil
from pathlib import Path

from grad_runner.common.mounts import detach, detach_below, mounts_below, move_mount, read_table

_MODE = 0o000
"""Of a mount point, from its creation to its removal. User code has no capabilities, so the mode refuses it although it owns the
folder, and the data root is read-only in the sandbox, so user code cannot change the mode. What removes the folder after the
mount namespace has ended must expect it."""


class MountPoints:
    """The folders below `root`, one for each dataset. Nothing else may change them. Methods block for microseconds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # Beside the root: what is mounted below it appears in the sandboxes at once.
        self._staging = root.with_name(f"{root.name}.staging")
        self._numbers = itertools.count(1)

    def clear(self) -> None:
        """Unmounts and removes everything, also what a component that was killed has left."""
        for path in mounts_below(read_table(), str(self.root)):
            if path != str(self.root):
                detach(path)
        detach_below(str(self._staging))
        for entry in os.scandir(self.root):
            self._remove(entry.name)
        shutil.rmtree(self._staging, ignore_errors=True)
        self._staging.mkdir(mode=0o700)

    def new_staging(self, name: str) -> Path:
        """A new folder to mount on; given back by `show` or `discard`."""
        staging = self._staging / f"{name}.{next(self._numbers)}"
        staging.mkdir(mode=0o700)
        return staging

    def show(self, staging: Path, name: str) -> None:
        """Moves the mount on `staging` to the dataset's mount point, in place of what was mounted there. Raises OSError."""
        path = self.root / name
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=_MODE)
        detach_all(path)
        move_mount(str(staging), str(path))
        staging.rmdir()

    async def hide(self, name: str) -> None:
        """Unmounts and removes the dataset's mount point; idempotent."""
        self._remove(name)

    def _remove(self, name: str) -> None:
        path = self.root / name
        detach_all(path)
        with contextlib.suppress(OSError):
            path.rmdir()

    def discard(self, staging: Path) -> None:
        """Unmounts and removes a staging folder whose mount is not shown."""
        detach(str(staging))
        with contextlib.suppress(FileNotFoundError):
            staging.rmdir()


def detach_all(path: Path) -> None:
    """Unmounts every mount at `path`, lazily. Mounts are never stacked, since unmounting a lower one takes the topmost away."""
    while detach(str(path)):
        pass
