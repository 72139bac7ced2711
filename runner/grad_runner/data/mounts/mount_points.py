"""Where datasets appear. A mount is made on a staging folder, which user code does not see, and moved to its mount point when it
can be read: a dataset's folder is absent, or shows the data, or gives errors; it is never an empty folder."""

import contextlib
import itertools
import os
import shutil
from pathlib import Path

from grad_runner.common.mounts import detach, detach_below, mounts_below, move_mount, read_table

_CLOSED = 0o000
"""Mode of a mount point while no mount covers it: who opens it then gets an error and not an empty folder."""
_COVERED = 0o700
"""Mode of a mount point below a mount, so that `rm -r` can remove it after the mount namespace has ended."""


class MountPoints:
    """The folders below `root`, one for each dataset. Nothing else may change them. Methods block for microseconds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # Beside the root: what is mounted below it appears in the sandboxes at once.
        self._staging = root.with_name(f"{root.name}.staging")
        self._numbers = itertools.count(1)
        self._mount_points: dict[str, int] = {}  # by dataset, descriptors of the folders below the mounts

    def clear(self) -> None:
        """Unmounts and removes everything, also what a component that was killed has left."""
        for path in mounts_below(read_table(), str(self.root)):
            if path != str(self.root):
                detach(path)
        detach_below(str(self._staging))
        for entry in os.scandir(self.root):
            self.hide(entry.name)
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
        if name in self._mount_points:
            os.fchmod(self._mount_points[name], _CLOSED)
            detach(str(path))
        else:
            with contextlib.suppress(FileExistsError):
                path.mkdir(mode=_CLOSED)
            self._mount_points[name] = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        move_mount(str(staging), str(path))
        os.fchmod(self._mount_points[name], _COVERED)
        staging.rmdir()

    def hide(self, name: str) -> None:
        """Unmounts and removes the dataset's mount point; idempotent."""
        path = self.root / name
        descriptor = self._mount_points.pop(name, None)
        if descriptor is not None:
            os.fchmod(descriptor, _CLOSED)
            os.close(descriptor)
        while detach(str(path)):
            pass
        with contextlib.suppress(OSError):
            path.rmdir()

    def discard(self, staging: Path) -> None:
        """Unmounts and removes a staging folder whose mount is not shown."""
        detach(str(staging))
        with contextlib.suppress(FileNotFoundError):
            staging.rmdir()
