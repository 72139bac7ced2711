"""The open DuckDB connections, so that a long query can be interrupted from another thread."""

import weakref
from collections.abc import Callable
from typing import Any

import duckdb


class DuckDBConnections:
    """Weak references to connections; DuckDB itself has no list of them."""

    def __init__(self) -> None:
        self._seen: weakref.WeakSet[Any] = weakref.WeakSet()

    def watch(self) -> None:
        """Adds every connection and cursor that is made from now on."""
        self._wrap(duckdb, "connect")
        for method in ("cursor", "duplicate"):
            self._wrap(duckdb.DuckDBPyConnection, method)

    def interrupt(self) -> int:
        """Interrupts the queries of all connections, also of the default one; returns the number of connections."""
        connections = [*self._seen, duckdb.default_connection()]
        interrupted = 0
        for connection in connections:
            try:
                connection.interrupt()
                interrupted += 1
            except duckdb.Error:  # it has been closed
                continue
        return interrupted

    def _wrap(self, holder: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(holder, name)
        seen = self._seen

        def remembered(*args: Any, **kwargs: Any) -> Any:
            connection = original(*args, **kwargs)
            seen.add(connection)
            return connection

        remembered.__name__ = name
        remembered.__qualname__ = getattr(original, "__qualname__", name)
        remembered.__doc__ = original.__doc__
        remembered.__module__ = "duckdb"
        setattr(holder, name, remembered)
