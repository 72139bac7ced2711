"""How DuckDB is imported, and what happens to its default connection after a cell that raised."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any


def import_duckdb() -> None:
    """Imports DuckDB so that no connection draws progress bars on stdout (`enable_progress_bar` turns them on), and so that no
    thread of it runs.

    DuckDB draws them where it believes to be interactive: if `__main__` has no `__file__` when it is imported. Its import opens
    the database of the default connection, with threads: in a process that is forked they would be missing, and DuckDB would
    wait for them.
    """
    main = sys.modules["__main__"]
    had_file = hasattr(main, "__file__")
    if not had_file:
        main.__file__ = ""
    try:
        import duckdb
    finally:
        if not had_file:
            del main.__file__
    duckdb.execute("set threads = 1")


def leave_aborted_transaction(raised: BaseException, namespace: Mapping[str, Any]) -> bool:
    """Rolls back the default connection if its transaction is aborted; returns whether it did.

    All code of a session shares that connection, and every later query would fail until a ROLLBACK.
    """
    duckdb = sys.modules.get("duckdb")
    if duckdb is None:
        return False
    # The call that returns the default connection creates it, with threads: avoided if the code has not used DuckDB.
    used = any(isinstance(one, duckdb.Error) for one in _chain(raised)) or any(
        value is duckdb for value in list(namespace.values())
    )
    if not used:
        return False
    try:
        connection = duckdb.default_connection()
        # The query is bound, not run, so that results which are being fetched from the connection stay valid.
        connection.query("SELECT 1")
    except duckdb.TransactionException as error:
        if "transaction is aborted" not in str(error):
            return False
        with suppress(duckdb.Error):  # an error here would be printed after the user's own
            connection.rollback()
            return True
        return False
    except duckdb.Error:
        return False  # closed, or its database is invalid: the next query reports it
    return False


def _chain(raised: BaseException) -> Iterator[BaseException]:
    """The exception and all its causes and contexts."""
    seen: set[int] = set()
    left: list[BaseException | None] = [raised]
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [one.__cause__, one.__context__]
