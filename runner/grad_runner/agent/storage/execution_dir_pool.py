"""A pool of empty folders for executions: on a busy disk it takes milliseconds to create a folder with two files, and next
to nothing to rename one."""

import errno
import os
import shutil
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_PREFIX: Final = ".pool-"
_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class ExecutionFiles:
    """Open descriptors of an execution's `request.json` and `journal`."""

    request: int
    journal: int

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Creates the folder and its files. Raises FileExistsError for a folder that exists."""
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


class ExecutionDirPool:
    """`take` is called in the event loop, `refill` in another thread, one call at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready: deque[tuple[Path, ExecutionFiles]] = deque()
        self._created = 0

    @staticmethod
    def is_pooled(folder: Path) -> bool:
        return folder.name.startswith(_PREFIX)

    @property
    def is_low(self) -> bool:
        """Less than half full: time to refill it."""
        return len(self._ready) < _SIZE // 2

    def take(self, folder: Path) -> ExecutionFiles:
        """A folder of this name. Raises FileExistsError for one that exists, OSError for a full disk."""
        if not self._ready:
            return ExecutionFiles.create(folder)
        pooled, files = self._ready.popleft()
        try:
            os.rename(pooled, folder)  # fails for a folder that is not empty, and no execution's is
        except OSError as error:
            files.close()
            shutil.rmtree(pooled, ignore_errors=True)
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise FileExistsError(error.errno, os.strerror(error.errno), str(folder)) from error
            raise
        return files

    def refill(self) -> None:
        """Best effort: `take` creates a folder when the pool is empty."""
        while len(self._ready) < _SIZE:
            self._created += 1
            pooled = self._folder / f"{_PREFIX}{self._created}"
            try:
                self._ready.append((pooled, ExecutionFiles.create(pooled)))
            except OSError:
                shutil.rmtree(pooled, ignore_errors=True)
                return

    def close(self) -> None:
        """Deletes the folders that were not taken."""
        while self._ready:
            pooled, files = self._ready.popleft()
            files.close()
            shutil.rmtree(pooled, ignore_errors=True)
