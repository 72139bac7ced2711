"""Where datasets appear in a pod: the mount component mounts them, on a volume that this component cannot write.

s3fs is given a folder of its own to mount on, whose last part is the dataset's name. libfuse hands the mount to its helper
(`grad_runner/mount/fusermount.py`), which passes on the name alone: the mount appears below `root`. A renewed mount takes the
place of the old one at once, and a mount goes when its s3fs ends.
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import time
from pathlib import Path
from typing import Final

from grad_runner.common.mounts import mount_ids, read_table, unescape

POLL_SECONDS: Final = 0.5
"""Between two looks at the table of mounts, which many datasets share: a mount that goes without its s3fs is rare."""


HIDE_SECONDS: Final = 3.0
HIDE_POLL_SECONDS: Final = 0.005


class ComponentMounts:
    """The same methods as `MountPoints`. `scratch` is a folder for the folders that s3fs is given."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self._scratch = scratch
        self._numbers = itertools.count(1)
        self._points: dict[str, str] = {}
        """By id, as the table of mounts had them at `_read_at`."""
        self._read_at = 0.0

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

    def mounted(self, staging: Path) -> str | None:
        """The id of the mount that s3fs has made on `staging`; None until then. libfuse's helper tells: an id cannot show that a
        renewed mount is another one than before, because the system uses ids again at once, and in each namespace for itself."""
        if not _told(staging).exists():
            return None
        return min(mount_ids(read_table(), str(self.appears_at(staging))), default=None)

    async def removed(self, place: Path, mount: str) -> None:
        """Waits until the mount of that id is not at `place` any more. Its s3fs may go on: a mount component that was killed
        unmounts at its next start, and a mount lives without a place while files are open in it."""
        while self._now().get(mount) == str(place):
            await asyncio.sleep(POLL_SECONDS)

    def _now(self) -> dict[str, str]:
        """Mount points by id, not older than half of POLL_SECONDS."""
        if time.monotonic() - self._read_at > POLL_SECONDS / 2:
            fields = [line.split(" ", 5) for line in read_table().splitlines()]
            self._points = {one[0]: unescape(one[4]) for one in fields}
            self._read_at = time.monotonic()
        return self._points

    def show(self, staging: Path, name: str) -> None:
        """It is shown already."""
        self.discard(staging)

    async def hide(self, name: str) -> None:
        """It is hidden by the end of s3fs: waits until the mount component has noticed that, and has removed the folder, so that
        code that starts next does not see it. Not for ever: a mount component that was killed removes it at its next start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HIDE_SECONDS):
                # The name in its folder: to look at what is there itself is an error while a dead mount is.
                while name in os.listdir(self.root):
                    await asyncio.sleep(HIDE_POLL_SECONDS)

    def discard(self, staging: Path) -> None:
        _told(staging).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            staging.rmdir()
            staging.parent.rmdir()


def _told(staging: Path) -> Path:
    """What `fusermount.py` makes when the mount component has mounted."""
    return staging.with_name(f"{staging.name}.mounted")
