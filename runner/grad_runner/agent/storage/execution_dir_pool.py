"""Folders of executions that are made ahead: on a busy disk a folder with two files takes milliseconds to make, and next to
nothing to rename."""

import errno
import os
import shutil
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_PREFIX: Final = ".spare-"
_KEPT: Final = 16


@dataclass(frozen=True, slots=True)
class Files:
    """Open descriptors of an execution's `request.json` and `journal`."""

    request: int
    journal: int

    @classmethod
    def make(cls, folder: Path) -> Self:
        """Raises FileExistsError for a folder that is there."""
        folder.mkdir(mode=0o700)
        flags = os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        request = os.open(folder / "request.json", flags | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            return cls(request, os.open(folder / "journal", flags | os.O_RDWR, 0o600))
        except OSError:
            os.close(request)
            raise

    def close(self) -> None:
        os.close(self.request)
        os.close(self.journal)


class Spares:
    """`take` in the loop; `refill` in another thread, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready: deque[tuple[Path, Files]] = deque()
        self._made = 0

    @staticmethod
    def is_spare(folder: Path) -> bool:
        return folder.name.startswith(_PREFIX)

    @property
    def few(self) -> bool:
        return len(self._ready) < _KEPT // 2

    def take(self, folder: Path) -> Files:
        """A folder of that name. Raises FileExistsError for one that is there, OSError for a full disk."""
        if not self._ready:
            return Files.make(folder)
        spare, files = self._ready.popleft()
        try:
            os.rename(spare, folder)  # fails for a folder that holds anything, and every execution's does
        except OSError as error:
            files.close()
            shutil.rmtree(spare, ignore_errors=True)
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise FileExistsError(error.errno, os.strerror(error.errno), str(folder)) from error
            raise
        return files

    def refill(self) -> None:
        """Best effort: whoever finds none makes a folder."""
        while len(self._ready) < _KEPT:
            self._made += 1
            spare = self._folder / f"{_PREFIX}{self._made}"
            try:
                self._ready.append((spare, Files.make(spare)))
            except OSError:
                shutil.rmtree(spare, ignore_errors=True)
                return

    def close(self) -> None:
        """Removes those that were not needed."""
        while self._ready:
            spare, files = self._ready.popleft()
            files.close()
            shutil.rmtree(spare, ignore_errors=True)
