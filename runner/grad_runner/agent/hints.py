"""The next step after an exception, where it is cheap to know."""

import re
from collections.abc import Callable
from typing import Final

_MODULE: Final = re.compile(r"No module named '([^']+)'")
_DATASET: Final = re.compile(r"/workspace/data/([^/'\"\s]+)")
_BROKEN: Final = re.compile(
    r"Input/output error|Operation not permitted|Transport endpoint is not connected|Software caused connection abort"
)
"""What s3fs and the kernel say when S3 refuses or does not answer."""


def hint(name: str, message: str, datasets: Callable[[], list[str]]) -> str:
    """For an exception of class `name`. `datasets` tells the names that are mounted; it is asked only where needed."""
    # cases: a module that is missing; a file below data/ or elsewhere that is missing; a dataset that is broken; syntax
    if name in ("ModuleNotFoundError", "ImportError") and (module := _MODULE.search(message)):
        return (
            f'"{module[1]}" is not in the runner\'s Python environment, and code has no network to install it: use what is '
            "there (pandas, numpy, pyarrow, duckdb, matplotlib), or put the module below code/ and import it from there."
        )
    if (dataset := _DATASET.search(message)) and _BROKEN.search(message):
        return f'The dataset "{dataset[1]}" refuses that or is away: `gractl dataset check {dataset[1]}` tells more.'
    missing = name in ("FileNotFoundError", "IOException", "ArrowInvalid") or "No such file" in message
    if missing and "/workspace/data" in message:
        there = datasets()
        named = _DATASET.search(message)
        known = f"Datasets that are mounted: {', '.join(there)}." if there else "No dataset is mounted."
        if named and named[1] in there:
            return (
                f'The dataset "{named[1]}" is mounted; list it with os.listdir("/workspace/data/{named[1]}").'
            )
        if named:
            check = f"`gractl dataset check {named[1]}`"
            return f'The dataset "{named[1]}" is not mounted: {check} tells why, if it is described. {known}'
        return f"{known} Describe one with `gractl dataset add`."
    if name == "FileNotFoundError":
        return "Paths are relative to /workspace; data lies below /workspace/data/<dataset>, written files below outputs/."
    if name in ("SyntaxError", "IndentationError", "TabError"):
        return "The code did not run at all: mend the line that the traceback names."
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
        return "Variables live in their session; a fresh kernel (see `gractl session get`) has none of those before."
    return ""
