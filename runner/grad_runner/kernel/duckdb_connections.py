"""The DuckDB connections of a kernel: their limits, and which are open, so that another thread can interrupt a long query."""

import types
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final

import duckdb

from grad_runner.kernel.duckdb_limits import with_defaults

_DEFAULT: Final = ":default:"
_WITHOUT_DEFAULT_CONNECTION: Final = frozenset({"connect", "close", "set_default_connection", "tokenize"})
"""Functions of the module that do not use the default connection."""


class DuckDBConnections:
    """Weak references to connections; DuckDB itself has no list of them.

    `config` is the configuration of each database that is opened from now on; what the user's code sets takes precedence.
    """

    def __init__(self) -> None:
        self.config: Mapping[str, str] = {}
        self._seen: weakref.WeakSet[Any] = weakref.WeakSet()
        self._default_is_configured = False
        self._connect: Callable[..., Any] = duckdb.connect
        self._close: Callable[..., Any] = duckdb.close
        self._default: Callable[[], Any] = duckdb.default_connection
        self._set_default: Callable[[Any], Any] = duckdb.set_default_connection

    def watch(self) -> None:
        """Adds every connection and cursor that is made from now on. Starts no thread and opens no database."""
        self._replace(duckdb, "connect", self._opened)
        self._replace(duckdb, "close", self._closed_default)
        self._replace(duckdb, "set_default_connection", self._chose_default)
        for method in ("cursor", "duplicate"):
            self._remember(duckdb.DuckDBPyConnection, method)
        # DuckDB opens the database of the default connection itself, in C++: at its import, and again when that connection has
        # been closed. It is configured when a function that may use it is first looked up: not before, because it then has
        # threads, which most kernels never need.
        connections = self

        class Module(types.ModuleType):
            def __getattribute__(self, name: str) -> Any:
                value = super().__getattribute__(name)
                if (
                    not connections._default_is_configured
                    and type(value) is types.BuiltinFunctionType
                    and name not in _WITHOUT_DEFAULT_CONNECTION
                ):
                    connections._configure_default()
                return value

        duckdb.__class__ = Module

    def interrupt(self) -> int:
        """Interrupts the queries of all connections, also of the default one; returns the number of connections."""
        connections = [*self._seen, self._default()]
        interrupted = 0
        for connection in connections:
            try:
                connection.interrupt()
                interrupted += 1
            except duckdb.Error:  # it has been closed
                continue
        return interrupted

    def _opened(self, *args: Any, **kwargs: Any) -> Any:
        database = args[0] if args else kwargs.get("database", ":memory:")
        if database == _DEFAULT:
            if not self._default_is_configured:
                self._configure_default()
            connection = self._connect(*args, **kwargs)
        elif len(args) > 2:
            connection = self._connect(*args[:2], with_defaults(self.config, args[2]), *args[3:], **kwargs)
        else:
            connection = self._connect(*args, **{**kwargs, "config": self._config(kwargs)})
        self._seen.add(connection)
        return connection

    def _config(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        return with_defaults(self.config, kwargs.get("config"))

    def _configure_default(self) -> None:
        self._default_is_configured = True
        connection = self._default()
        for name, value in self.config.items():
            quoted = value.replace("'", "''")
            connection.execute(f"set {name} = '{quoted}'")

    def _closed_default(self, *args: Any, **kwargs: Any) -> Any:
        if not args and not kwargs:  # else it is given another connection
            self._default_is_configured = False
        return self._close(*args, **kwargs)

    def _chose_default(self, connection: Any) -> Any:
        self._default_is_configured = True
        return self._set_default(connection)

    def _remember(self, holder: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(holder, name)
        seen = self._seen

        def remembered(*args: Any, **kwargs: Any) -> Any:
            connection = original(*args, **kwargs)
            seen.add(connection)
            return connection

        self._replace(holder, name, remembered)

    @staticmethod
    def _replace(holder: Any, name: str, function: Callable[..., Any]) -> None:
        original = getattr(holder, name)

        def replacement(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        replacement.__name__ = name
        replacement.__qualname__ = getattr(original, "__qualname__", name)
        replacement.__doc__ = original.__doc__
        replacement.__module__ = "duckdb"
        setattr(holder, name, replacement)
