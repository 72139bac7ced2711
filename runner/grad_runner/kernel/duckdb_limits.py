"""What DuckDB may use in a kernel, so that it spills to the disk instead of being ended for the memory of the whole machine."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MEMORY_SHARE: Final = 0.5
"""Of the runner's memory, for each database: results as data frames, other sessions and Python itself need the rest."""
SPILL_SHARE: Final = 0.5
"""Of the runner's storage, for each database."""
_ALIASES: Final = {"max_memory": "memory_limit", "worker_threads": "threads"}


@dataclass(frozen=True, slots=True)
class RunnerResources:
    """Of the whole runner; 0 (and None) means that nothing is known and DuckDB's own default stays."""

    memory_bytes: int = 0
    threads: int = 0
    storage_bytes: int = 0
    spill: Path | None = None
    """Folder on the volume in which each kernel has one of its own."""


def add_resource_options(parser: argparse.ArgumentParser) -> None:
    """Options of supervisor and launcher; `resources_of` reads them."""
    parser.add_argument(
        "--memory-bytes",
        type=int,
        default=0,
        help="limit of all kernels together; idle kernels are ended shortly below it, then the largest one (0: no limit)",
    )
    parser.add_argument(
        "--threads",
        type=int,
        default=0,
        help="threads of each database of DuckDB (0: as many as the machine has cores)",
    )
    parser.add_argument(
        "--storage-bytes",
        type=int,
        default=0,
        help="the runner's storage; no file becomes larger (0: no limit)",
    )
    parser.add_argument(
        "--spill", type=Path, help="folder for what does not fit into memory; emptied now (default: none)"
    )


def resources_of(options: argparse.Namespace) -> RunnerResources:
    return RunnerResources(options.memory_bytes, options.threads, options.storage_bytes, options.spill)


def spill_folder(resources: RunnerResources, kernel: str) -> Path | None:
    """Where the databases of one kernel spill; deleted when the kernel has ended."""
    return None if resources.spill is None else resources.spill / f"duckdb-{kernel}"


def duckdb_config(resources: RunnerResources, kernel: str) -> dict[str, str]:
    """The configuration of each new database, as `duckdb.connect` takes it."""
    config = {}
    if resources.memory_bytes:
        config["memory_limit"] = f"{int(resources.memory_bytes * MEMORY_SHARE)}B"
    if resources.threads:
        config["threads"] = str(resources.threads)
    if (folder := spill_folder(resources, kernel)) is not None:
        config["temp_directory"] = str(folder)
        if resources.storage_bytes:
            config["max_temp_directory_size"] = f"{int(resources.storage_bytes * SPILL_SHARE)}B"
    return config


def with_defaults(defaults: Mapping[str, str], given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The configuration that the user gave, and the defaults for what it does not name."""
    config = dict(given or {})
    named = {_ALIASES.get(name.lower(), name.lower()) for name in config}
    return {**{name: value for name, value in defaults.items() if name not in named}, **config}
