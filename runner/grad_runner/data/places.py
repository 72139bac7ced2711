"""Where datasets appear. A mount is made ready aside, where nobody looks, and then moved into its place: a
dataset's folder is absent, or shows the data, or says that it is dead; it is never empty."""

import contextlib
import itertools
import os
import shutil
from pathlib import Path

from grad_runner.common.mounts import detach, detach_below, mounts_below, move_mount, read_table

_CLOSED = 0o000
"""Of a folder that no mount covers: whoever opens it in that instant is refused, not told of an empty
folder."""
_COVERED = 0o700
"""Of one below a mount, so that an ordinary `rm -r` can remove it when the mounts have ended with their
namespace."""


class Places:
    """The folders of one component; nothing else may touch them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # Beside the root, not below it: what is below is shared with the sandboxes.
        self._aside = root.with_name(f"{root.name}.aside")
        self._numbers = itertools.count(1)
        self._under: dict[str, int] = {}  # descriptors of the folders that mounts cover

    def clear(self) -> None:
        """Takes everything away, also what an earlier life of this component left."""
        for point in mounts_below(read_table(), str(self.root)):
            if point != str(self.root):
                detach(point)
        detach_below(str(self._aside))
        for entry in os.scandir(self.root):
            self.hide(entry.name)
        shutil.rmtree(self._aside, ignore_errors=True)
        self._aside.mkdir(mode=0o700)

    def make_aside(self, name: str) -> Path:
        """A new folder to mount on."""
        aside = self._aside / f"{name}.{next(self._numbers)}"
        aside.mkdir(mode=0o700)
        return aside

    def show(self, aside: Path, name: str) -> None:
        """Moves the mount at `aside` to the dataset's place, over what was there. Raises OSError."""
        place = self.root / name
        if name in self._under:
            os.fchmod(self._under[name], _CLOSED)
            detach(str(place))
        else:
            with contextlib.suppress(FileExistsError):
                place.mkdir(mode=_CLOSED)
            self._under[name] = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        move_mount(str(aside), str(place))
        os.fchmod(self._under[name], _COVERED)
        aside.rmdir()

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

    def drop_aside(self, aside: Path) -> None:
        """Gives a folder of `make_aside` up, mounted or not."""
        detach(str(aside))
        with contextlib.suppress(FileNotFoundError):
            aside.rmdir()
