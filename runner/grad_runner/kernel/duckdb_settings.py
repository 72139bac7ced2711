"""How DuckDB is imported here, and how its default connection is left after a cell that raised."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any


def import_duckdb() -> None:
    """DuckDB draws progress bars, on stdout, where it takes its process for a person's: where `__main__` has no
    `__file__`, looked at once, at import. For all connections, those that are yet to be made too; who wants a bar sets
    `enable_progress_bar`."""
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        import duckdb

        return
    main.__file__ = ""
    try:
        import duckdb  # noqa: F401
    finally:
        del main.__file__


def leave_aborted_transaction(raised: BaseException, namespace: Mapping[str, Any]) -> bool:
    """Rolls the default connection back when its transaction is aborted, and only then; answers whether. All of a
    session share that connection, and every later query would fail until somebody says ROLLBACK."""
    duckdb = sys.modules.get("duckdb")
    if duckdb is None:
        return False
    # Asking for the default connection makes it, with threads: not where nobody has used DuckDB.
    used = any(isinstance(one, duckdb.Error) for one in _chain(raised)) or any(
        value is duckdb for value in list(namespace.values())
    )
    if not used:
        return False
    try:
        connection = duckdb.default_connection()
        # Bound, not run: results that are being fetched from the connection stay as they are.
        connection.query("SELECT 1")
    except duckdb.TransactionException as error:
        if "transaction is aborted" not in str(error):
            return False
        with suppress(duckdb.Error):  # an error here would be printed behind the user's own
            connection.rollback()
            return True
        return False
    except duckdb.Error:
        return False  # closed, or its database is beyond repair: the next query tells
    return False


def _chain(raised: BaseException) -> Iterator[BaseException]:
    """It, and what it came from."""
    seen: set[int] = set()
    left: list[BaseException | None] = [raised]
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [one.__cause__, one.__context__]
