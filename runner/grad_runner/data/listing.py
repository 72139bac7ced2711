"""What files a dataset has, with a bound on how many are looked at."""

import heapq
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import cast

from grad_runner.data.s3_client import S3_FAILURES, opened_client
from grad_runner.data.s3_errors import from_s3
from grad_runner.data.source import DirectorySource, S3Source, Wanted

SAMPLES = 10
LIST_SECONDS = 60.0
PARQUET = (".parquet", ".parq", ".pq")

File = tuple[str, int]
"""A path below the mount and its size in bytes."""


@dataclass(slots=True)
class Listing:
    files: int = 0
    bytes: int = 0
    truncated: bool = False
    samples: list[str] = field(default_factory=list)
    parquet: list[str] = field(default_factory=list)


def list_dataset(wanted: Wanted, max_files: int) -> Listing:
    """Blocks for LIST_SECONDS at most. Raises GradError `dataset_*`."""
    if isinstance(wanted.source, DirectorySource):
        return summarise(_walk(wanted.source.path), max_files, time.monotonic() + LIST_SECONDS)
    try:
        return summarise(_objects(wanted), max_files, time.monotonic() + LIST_SECONDS)
    except S3_FAILURES as error:
        raise from_s3(wanted, error) from error


def summarise(files: Iterator[File], max_files: int, ends_at: float) -> Listing:
    """Counts at most `max_files`; the samples are the first by name of those seen."""
    listing = Listing()

    def counted() -> Iterator[str]:
        for path, size in islice(files, max_files):
            listing.files += 1
            listing.bytes += size
            if path.lower().endswith(PARQUET):
                listing.parquet.append(path)
            yield path
            if listing.files % 1_000 == 0 and time.monotonic() > ends_at:
                listing.truncated = True
                return

    listing.samples = heapq.nsmallest(SAMPLES, counted())
    listing.truncated = listing.truncated or next(files, None) is not None
    return listing


def _objects(wanted: Wanted) -> Iterator[File]:
    source = cast(S3Source, wanted.source)
    below = f"{source.prefix}/" if source.prefix else ""
    with opened_client(source, wanted.keys) as client:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=source.bucket, Prefix=below):
            for entry in page.get("Contents", ()):
                if not entry["Key"].endswith("/"):  # a folder's marker
                    yield entry["Key"].removeprefix(below), entry["Size"]


def _walk(root: str) -> Iterator[File]:
    """Regular files, no links: those might lead out."""
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(os.path.join(root, folder)), key=lambda entry: entry.name)
        except OSError:
            continue  # not ours to read, or gone meanwhile: the mount shows the same
        for entry in entries:
            path = os.path.join(folder, entry.name)
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield path, entry.stat(follow_symlinks=False).st_size
