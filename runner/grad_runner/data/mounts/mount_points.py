"""Where datasets appear. A mount is made ready staging, where nobody probes, and then moved into its place: a
dataset's folder is absent, or shows the data, or says that it is dead; it is never empty."""

import contextlib
import itertools
import os
import shutil
from pathlib import Path

from grad_runner.common.mounts import detach, detach_below, mounts_below, move_mount, read_table

_CLOSED = 0o000
"""Of a folder that no mount covers: whoever opens it in that instant gets an error and not an empty
folder."""
_COVERED = 0o700
"""Of one below a mount, so that an ordinary `rm -r` can remove it when the mounts have ended with their
namespace."""


class MountPoints:
    """The folders of one component; nothing else may touch them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # Beside the root, not below it: what is below is shared with the sandboxes.
        self._staging = root.with_name(f"{root.name}.staging")
        self._numbers = itertools.count(1)
        self._under: dict[str, int] = {}  # descriptors of the folders that mounts cover

    def clear(self) -> None:
        """Takes everything away, also what an earlier life of this component left."""
        for point in mounts_below(read_table(), str(self.root)):
            if point != str(self.root):
                detach(point)
        detach_below(str(self._staging))
        for entry in os.scandir(self.root):
            self.hide(entry.name)
        shutil.rmtree(self._staging, ignore_errors=True)
        self._staging.mkdir(mode=0o700)

    def new_staging(self, name: str) -> Path:
        """A new folder to mount on."""
        staging = self._staging / f"{name}.{next(self._numbers)}"
        staging.mkdir(mode=0o700)
        return staging

    def show(self, staging: Path, name: str) -> None:
        """Moves the mount at `staging` to the dataset's place, over what was there. Raises OSError."""
        place = self.root / name
        if name in self._under:
            os.fchmod(self._under[name], _CLOSED)
            detach(str(place))
        else:
            with contextlib.suppress(FileExistsError):
                place.mkdir(mode=_CLOSED)
            self._under[name] = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        move_mount(str(staging), str(place))
        os.fchmod(self._under[name], _COVERED)
        staging.rmdir()

    def hide(self, name: str) -> None:
        """The dataset's folder is gone afterwards; nothing to do when it is already."""
        place = self.root / name
        under = self._under.pop(name, None)
        if under is not None:
            os.fchmod(under, _CLOSED)
            os.close(under)
        while detach(str(place)):
            pass
        with contextlib.suppress(OSError):
            place.rmdir()

    def discard(self, staging: Path) -> None:
        """Gives a folder of `new_staging` up, mounted or not."""
        detach(str(staging))
        with contextlib.suppress(FileNotFoundError):
            staging.rmdir()
