"""The files of a dataset that SQL reads."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grad_runner.kernel.sql.tables import format_of

MAX_FILES: Final = 10_000
"""A dataset of more is read by globs."""
MAX_ENTRIES: Final = 50_000
"""Of all kinds that are looked at."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """`path` is below the dataset."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Listing:
    files: tuple[DataFile, ...]
    complete: bool


def list_files(root: Path) -> Listing:
    """Sorted by path. Raises OSError, as for a dataset that is not mounted."""
    found: list[DataFile] = []
    entries = 0
    folders = [""]
    while folders:
        folder = folders.pop()
        with os.scandir(root / folder) as there:
            for entry in there:
                entries += 1
                if entries > MAX_ENTRIES or len(found) > MAX_FILES:
                    return _sorted(found, complete=False)
                path = f"{folder}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{path}/")
                elif format_of(path) is not None and entry.is_file():
                    stat = entry.stat()
                    found.append(DataFile(path, stat.st_size, stat.st_mtime_ns))
    return _sorted(found, complete=True)


def _sorted(found: list[DataFile], *, complete: bool) -> Listing:
    return Listing(tuple(sorted(found, key=lambda file: file.path)), complete)
