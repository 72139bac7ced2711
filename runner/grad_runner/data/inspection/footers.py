"""`python -m grad_runner.data.inspection.footers ROOT` reads paths below ROOT from stdin and prints one JSON line for each
parquet footer. It is a process of its own, because a process that reads from a dead mount hangs and cannot be interrupted."""

import json
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from grad_runner.data.memory_limit import limit_own_memory

MAX_READERS = 8
MAX_ADDRESS_SPACE_BYTES = 3 * 1024**3
"""A footer is a stranger's data, and pyarrow allocates what it asks for."""


def read_footers(root: str, paths: Iterable[str]) -> Iterable[str]:
    """One JSON line for each path, in their order: `path`, `rows`, `columns` as pairs of name and Arrow type. Files that are
    not parquet or cannot be read are left out."""
    import pyarrow.parquet  # takes half a second, and only this process needs it

    def read(path: str) -> str | None:
        try:
            with pyarrow.parquet.ParquetFile(os.path.join(root, path)) as file:
                columns = [[column.name, str(column.type)] for column in file.schema_arrow]
                return json.dumps({"path": path, "rows": file.metadata.num_rows, "columns": columns})
        except (OSError, MemoryError, pyarrow.lib.ArrowException):
            return None

    with ThreadPoolExecutor(MAX_READERS, thread_name_prefix="footer") as readers:
        yield from (line for line in readers.map(read, paths) if line is not None)


if __name__ == "__main__":
    limit_own_memory(MAX_ADDRESS_SPACE_BYTES)
    for found in read_footers(sys.argv[1], sys.stdin.read().splitlines()):
        sys.stdout.write(found + "\n")
        sys.stdout.flush()
