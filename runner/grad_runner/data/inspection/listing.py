"""How many files a dataset has, and which. Bounded in number and in time."""

import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.directory import listing as directory
from grad_runner.data.s3 import listing as s3

MAX_SAMPLES: Final = 10
MAX_LIST_SECONDS: Final = 60.0
FILES_BETWEEN_CLOCKS: Final = 1_000
"""The time is looked at after so many files: an S3 page has as many."""
MAX_PATHS_CHARACTERS: Final = 32 * 1024 * 1024
"""Of all files together: 100,000 paths of 300."""
PARQUET: Final = (".parquet", ".parq", ".pq")

File = tuple[str, int]
"""A path below the mount and its size in bytes."""


@dataclass(slots=True)
class Listing:
    files: int = 0
    bytes: int = 0
    truncated: bool = False
    """There are more files than were counted."""
    samples: list[str] = field(default_factory=list)
    """The first MAX_SAMPLES paths by name, of those counted."""
    parquet: list[str] = field(default_factory=list)
    """Paths of all parquet files that were counted."""


def list_dataset(spec: DatasetSpec, mount: Path, max_files: int) -> Listing:
    """Blocks for about MAX_LIST_SECONDS at most. A folder is listed at its `mount`: its path may lead elsewhere by now. Raises
    GradError `dataset_*`."""
    is_directory = isinstance(spec.source, DirectorySource)
    files = directory.list_files(str(mount)) if is_directory else s3.list_files(spec)
    return summarise(files, max_files, time.monotonic() + MAX_LIST_SECONDS, time.monotonic)


def summarise(
    files: Iterator[File | None], max_files: int, ends_at: float, clock: Callable[[], float]
) -> Listing:
    """Counts `max_files` files with MAX_PATHS_CHARACTERS in their paths at most, and stops soon after `clock` has passed
    `ends_at`. None among the files is a moment at which to look at the clock."""
    listing = Listing()

    def counted() -> Iterator[str]:
        characters = 0
        for file in files:
            if file is not None:
                path, size = file
                characters += len(path)
                if listing.files == max_files or characters > MAX_PATHS_CHARACTERS:
                    listing.truncated = True
                    return
                listing.files += 1
                listing.bytes += size
                if path.lower().endswith(PARQUET):
                    listing.parquet.append(path)
                yield path
            if (file is None or listing.files % FILES_BETWEEN_CLOCKS == 0) and clock() > ends_at:
                listing.truncated = list(islice(files, 2)) not in ([], [None])
                return

    listing.samples = heapq.nsmallest(MAX_SAMPLES, counted())
    return listing
