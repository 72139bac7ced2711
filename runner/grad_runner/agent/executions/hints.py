"""Hints for common exceptions: what to do next, found by the exception's class and message."""

import re
from collections.abc import Callable, Mapping
from shlex import quote
from typing import Final

_MODULE: Final = re.compile(r"No module named '([^']+)'")
_DATASET: Final = re.compile(r"(?:/workspace/|(?:^|[\s'\"`(])(?:\./)?)data/([^/'\"`\s*]+)")
"""A dataset by the path of a file, in full or from /workspace on."""
_TABLE: Final = re.compile(r"Table with name \"?(.+?)\"? does not exist")
_COLUMN: Final = re.compile(r"Referenced column \"|does not have a column named|No match for FieldRef")
_BROKEN: Final = re.compile(
    r"Input/output error|Operation not permitted|Transport endpoint is not connected|Software caused connection abort"
)
"""Errors of s3fs and of Linux when S3 refuses or does not answer."""
_MOUNT_ENDED: Final = re.compile(r"Transport endpoint is not connected|Software caused connection abort")
_NO_NETWORK: Final = re.compile(
    r"Network is unreachable|name resolution|Name or service not known|Could not connect to server"
    r"|Failed to download extension|error sending request"
)
"""How Python, curl, DuckDB and polars say it where internet sockets are refused."""
_MISSING: Final = re.compile(r"No such file|No files found that match the pattern")
_NO_TASK: Final = (
    ("RuntimeError", "can't start new thread"),
    ("BlockingIOError", "[Errno 11] Resource temporarily unavailable"),
)
"""A thread, and a process, over the bound of tasks."""


def hint(
    name: str,
    message: str,
    datasets: Callable[[], list[str]],
    *,
    reasons: Callable[[], Mapping[str, str]] = dict,
    has_network: bool = False,
) -> str:
    """For an exception of class `name`; "" if there is none. `datasets` returns the names of the mounted datasets, `reasons` why
    others cannot be read, by name; both are called only if needed. `has_network` says whether user code can reach others."""
    # Cases: a missing module; a dataset that is not attached, or broken; an open file of one; no network; no task more; a missing
    # file below data/ or elsewhere; a missing table or column; syntax.
    if name in ("ModuleNotFoundError", "ImportError") and (module := _MODULE.search(message)):
        return _no_module(module[1], has_network)
    dataset = _DATASET.search(message)
    if dataset and (reason := reasons().get(dataset[1])):
        return reason
    if dataset and _BROKEN.search(message):
        why = f"`gractl dataset check {quote(dataset[1])}` shows why."
        return f'The dataset "{dataset[1]}" refuses this or cannot be reached: {why}'
    if not dataset and _MOUNT_ENDED.search(message) and ((away := reasons()) or datasets()):
        return (
            "A file of a dataset was open when its mount ended, as it does when S3 or the runner's data component was away: "
            f"open it again. {' '.join(away.values()) or _known(datasets())}"
        )
    if not has_network and _NO_NETWORK.search(message):
        return (
            "Code has no network here, nor TCP to itself (pyspark, dask.distributed): read files from a dataset, use threads or "
            "processes, or make a runner with a network: `gractl runner create NAME --network full`."
        )
    if (name, message.partition("\n")[0]) in _NO_TASK:
        return "The processes and threads of the runner have reached their limit: use fewer workers, and end those that are done."
    missing = name == "FileNotFoundError" or _MISSING.search(message)
    if missing and dataset:
        there = datasets()
        if dataset[1] in there:
            return (
                f'The dataset "{dataset[1]}" is mounted: os.listdir("/workspace/data/{dataset[1]}") lists it. Paths from '
                "/workspace on are right also after os.chdir."
            )
        return f"{_not_mounted(dataset[1])} {_known(there)}"
    if missing and "/workspace/data" in message:
        return _known(datasets())
    if name == "FileNotFoundError":
        return (
            "A path without a leading / starts in the working directory, which is /workspace unless the code has changed it "
            "(os.getcwd() shows it); datasets are below /workspace/data/<dataset>. "
            "`gractl file list` shows what is there."
        )
    if name == "CatalogException" and (table := _TABLE.search(message)):
        return _no_table(table[1], datasets(), reasons())
    if name in ("BinderException", "ArrowInvalid") and _COLUMN.search(message):
        of = dataset[1] if dataset else "NAME"
        return (
            "Columns and their types: DESCRIBE FROM '<file>' in DuckDB, or "
            f"`gractl dataset check {quote(of)}`. {_known(datasets())}"
        )
    if "No space left on device" in message:
        return (
            "/tmp and /dev/shm are memory and hold a part of the runner's: write large temporary files below /var/tmp, results "
            "below outputs/."
        )
    if "File too large" in message:
        return "No file may be larger than the runner's storage: make a runner with more `--storage`."
    if name in ("SyntaxError", "IndentationError", "TabError"):
        return "The code did not run at all: correct the line that the traceback names."
    if "/workspace/data" in message and (name == "PermissionError" or "Read-only file system" in message):
        return (
            "It is read-only: write below /workspace/outputs, or set `access: read-write` in the dataset's file where its "
            "keys may write."
        )
    if name in ("MemoryError", "OutOfMemoryException"):
        return "Read fewer columns or rows, aggregate in DuckDB, or make a runner with more `--memory`."
    if name == "StdinNotImplementedError":
        return "Code cannot ask for input here: pass values by `--param NAME=VALUE`."
    if name == "NameError":
        return "Variables belong to a session's kernel; a fresh kernel (see `gractl session get`) has none of the earlier ones."
    return ""


def _no_module(module: str, has_network: bool) -> str:
    there = "use what is there (pandas, numpy, pyarrow, duckdb, matplotlib)"
    if has_network:
        return (
            f'"{module}" is not in the runner\'s Python environment: {there}, or download the module to /workspace/code, where '
            "imports find it."
        )
    return (
        f'"{module}" is not in the runner\'s Python environment, and code has no network to install it: {there}, or copy a '
        "module of yours to code/, where imports find it: `gractl file put <file> code/`."
    )


def _no_table(table: str, there: list[str], reasons: Mapping[str, str]) -> str:
    """`table` as DuckDB names it. People also write a folder there, with or without its parent folders."""
    called = re.split(r"[/.]", table.strip("/"))[-1]
    if called in reasons:
        return reasons[called]
    if called in there:
        return (
            f'"{called}" is a dataset, a folder of files; a table of that name is in `%%sql` cells and `gractl sql` only. '
            f"In Python, FROM '/workspace/data/{called}/**/*.parquet' reads its parquet files."
        )
    return (
        "Datasets are tables in `%%sql` cells and `gractl sql`; in Python, FROM '/workspace/data/<dataset>/**/*.parquet' reads "
        f"one. {_known(there)} `gractl dataset check NAME` shows why one is missing."
    )


def _not_mounted(dataset: str) -> str:
    return f'The dataset "{dataset}" is not mounted: `gractl dataset check {quote(dataset)}` shows why, if it is described.'


def _known(there: list[str]) -> str:
    if there:
        return f"Datasets that are mounted: {', '.join(there)}."
    return "No dataset is mounted; `gractl dataset list` shows those described, `gractl dataset add` describes one."
