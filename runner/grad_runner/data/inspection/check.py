"""Inspects an attached dataset: its files by S3's own listing, its tables by reading through the mount, as user code does."""

import asyncio
import contextlib
import json
import os
import sys
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from grad_runner.data.dataset_spec import DatasetSpec
from grad_runner.data.inspection.footers import read_footers
from grad_runner.data.inspection.listing import Listing, list_dataset
from grad_runner.data.inspection.tables import Footer, Table, tables_of
from grad_runner.gen.shared.limits import DEFAULT_CHECKED_FILES

MAX_FOOTERS = 1_000
MAX_FOOTERS_SECONDS = 30.0
MAX_LINE_BYTES = 1024 * 1024
MAX_FOOTERS_BYTES = 32 * 1024 * 1024
"""Of all lines together; a line has the names and types of a file's columns."""


@dataclass(frozen=True, slots=True)
class Checked:
    listing: Listing
    tables: list[Table]
    truncated: bool
    """There are more files or tables than were counted."""


async def check(spec: DatasetSpec, mount: Path, max_files: int, executor: Executor) -> Checked:
    """Inspects `spec`, which is mounted at `mount`. At most `max_files` files are counted (0: DEFAULT_CHECKED_FILES) and
    MAX_FOOTERS parquet files are opened. Raises GradError `dataset_*`."""
    loop = asyncio.get_running_loop()
    listing = await loop.run_in_executor(
        executor, list_dataset, spec, mount, max_files or DEFAULT_CHECKED_FILES
    )
    asked = [path for path in listing.parquet[:MAX_FOOTERS] if "\n" not in path]
    footers, in_time = await _footers(mount, asked) if asked else ([], True)
    truncated = listing.truncated or not in_time or len(listing.parquet) > MAX_FOOTERS
    return Checked(listing, tables_of(footers), truncated)


async def _footers(mount: Path, paths: list[str]) -> tuple[list[Footer], bool]:
    """The footers that could be read within MAX_FOOTERS_SECONDS and MAX_FOOTERS_BYTES, and whether these are all."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", read_footers.__module__, str(mount)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={
            "PATH": os.defpath,
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
        },
        limit=MAX_LINE_BYTES,
    )
    assert process.stdin is not None and process.stdout is not None
    footers: list[Footer] = []
    try:
        async with asyncio.timeout(MAX_FOOTERS_SECONDS):
            process.stdin.write("\n".join(paths).encode("utf-8", "surrogateescape"))
            process.stdin.close()
            received = 0
            async for line in process.stdout:
                received += len(line)
                if received > MAX_FOOTERS_BYTES:
                    raise ValueError(received)
                footers.append(_footer(line))
            complete = await process.wait() == 0
    except (TimeoutError, ValueError):  # ValueError also for a line that is too long
        with contextlib.suppress(ProcessLookupError):
            process.kill()  # without waiting: it may hang in the mount
        return footers, False
    return footers, complete


def _footer(line: bytes) -> Footer:
    found = json.loads(line)
    return Footer(found["path"], found["rows"], tuple((name, kind) for name, kind in found["columns"]))
