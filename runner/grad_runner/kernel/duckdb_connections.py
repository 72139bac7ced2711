"""Which DuckDB connections live, so that a long query can be interrupted from another thread."""

import weakref
from collections.abc import Callable
from typing import Any

import duckdb


class DuckDBConnections:
    """Remembers connections weakly. DuckDB keeps no list that we could ask."""

    def __init__(self) -> None:
        self._seen: weakref.WeakSet[Any] = weakref.WeakSet()

    def watch(self) -> None:
        """From now on every new connection and cursor is remembered."""
        self._wrap(duckdb, "connect")
        for method in ("cursor", "duplicate"):
            self._wrap(duckdb.DuckDBPyConnection, method)

    def interrupt(self) -> int:
        """Interrupts what runs on any of them, the default connection too; returns how many were told."""
        connections = [*self._seen, duckdb.default_connection()]
        told = 0
        for connection in connections:
            try:
                connection.interrupt()
                told += 1
            except duckdb.Error:  # closed meanwhile
                continue
        return told

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
