"""`python -m grad_runner.data.inspection.footers ROOT`: paths below ROOT on stdin, one JSON line for each footer on
stdout. A process of its own, because a reader of a mount may hang beyond any signal."""

import json
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

MAX_READERS = 8


def read_footers(root: str, paths: Iterable[str]) -> Iterable[str]:
    """JSON lines in the order of `paths`; what is no parquet is passed over."""
    import pyarrow.parquet  # half a second, and only here

    def read(path: str) -> str | None:
        try:
            with pyarrow.parquet.ParquetFile(os.path.join(root, path)) as file:
                columns = [[column.name, str(column.type)] for column in file.schema_arrow]
                return json.dumps({"path": path, "rows": file.metadata.num_rows, "columns": columns})
        except (OSError, pyarrow.lib.ArrowException):
            return None

    with ThreadPoolExecutor(MAX_READERS, thread_name_prefix="footer") as readers:
        yield from (line for line in readers.map(read, paths) if line is not None)


if __name__ == "__main__":
    for found in read_footers(sys.argv[1], sys.stdin.read().splitlines()):
        sys.stdout.write(found + "\n")
        sys.stdout.flush()
