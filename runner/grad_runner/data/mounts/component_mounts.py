"""Where datasets appear in a pod: the mount component mounts them, on a volume that this component cannot write.

s3fs is given a folder of its own to mount on, whose last part is the dataset's name. libfuse hands the mount to its helper
(`grad_runner/mount/fusermount.py`), which passes on the name alone: the mount appears below `root`. A renewed mount takes the
place of the old one at once, and a mount goes when its s3fs ends.
"""

import contextlib
import itertools
import shutil
from pathlib import Path


class ComponentMounts:
    """The same methods as `MountPoints`. `scratch` is a folder for the folders that s3fs is given."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self._scratch = scratch
        self._numbers = itertools.count(1)

    def clear(self) -> None:
        """The mount component unmounts what belongs to processes that have ended."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def new_staging(self, name: str) -> Path:
        staging = self._scratch / str(next(self._numbers)) / name
        staging.mkdir(mode=0o700, parents=True)
        return staging

    def appears_at(self, staging: Path) -> Path:
        """Where s3fs' mount can be seen that was started on `staging`."""
        return self.root / staging.name

    def show(self, staging: Path, name: str) -> None:
        """It is shown already."""
        self.discard(staging)

    def hide(self, name: str) -> None:
        """It is hidden by the end of s3fs."""

    def discard(self, staging: Path) -> None:
        with contextlib.suppress(OSError):
            staging.rmdir()
            staging.parent.rmdir()
