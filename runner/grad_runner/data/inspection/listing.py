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


def summarise(files: Iterator[File], max_files: int, ends_at: float, clock: Callable[[], float]) -> Listing:
    """Counts `max_files` files at most, and stops soon after `clock` has passed `ends_at`."""
    listing = Listing()

    def counted() -> Iterator[str]:
        for path, size in islice(files, max_files):
            listing.files += 1
            listing.bytes += size
            if path.lower().endswith(PARQUET):
                listing.parquet.append(path)
            yield path
            if listing.files % FILES_BETWEEN_CLOCKS == 0 and clock() > ends_at:
                return

    listing.samples = heapq.nsmallest(MAX_SAMPLES, counted())
    listing.truncated = next(files, None) is not None
    return listing
