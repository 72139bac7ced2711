"""Views of the datasets that a SQL cell names. They are there while the cell runs: afterwards, a query in Python finds the user's
variables under these names, as it would anywhere."""

import os
import re
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import duckdb

from grad_runner.kernel.sql.files import Listing, list_files
from grad_runner.kernel.sql.tables import Columns, Format, Table, format_of, tables_of, tables_of_many

_READER: Final[Mapping[Format, str]] = {"parquet": "read_parquet", "csv": "read_csv", "json": "read_json"}
_GLOB: Final = re.compile(r"[*?\[]")
_ASKS_FOR_ALL: Final = re.compile(r"\bshow\b|\binformation_schema\b|\bduckdb_\w+\(|\bpg_\w+", re.IGNORECASE)
"""Names no table and is about all of them."""


class DatasetViews:
    """Of all datasets below `data`. What the cells of a session have found out about files is kept as long as these are equal.

    A dataset of one table is a temporary view of its name; `nyc-taxi` is `nyc_taxi`, too. One of several tables is a schema of
    its name with a view for each.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._tables: dict[str, tuple[Listing, list[Table]]] = {}
        self._columns: dict[tuple[str, int, int], Columns | None] = {}
        self._views: set[str] = set()
        self._noted: set[str] = set()
        self.notes: list[str] = []
        """Sentences for the user about the cell that runs."""
        self.problems: dict[str, Exception] = {}
        """Why a dataset, or one of its tables, is no view."""

    def prepare(self, connection: Any, statement: str | None, variables: dict[str, Any]) -> None:
        """Makes the views that `statement` may name; all for None. Call it before each statement, and `drop` in the end.
        `variables` are the user's; one that SQL can read is not hidden by a view."""
        text = None if statement is None or _ASKS_FOR_ALL.search(statement) else statement
        for dataset in self.names():
            names = list(dict.fromkeys((dataset, dataset.replace("-", "_"))))
            if text is not None and not any(_mentions(text, name) for name in names):
                continue
            try:
                tables = self._tables_of(connection, dataset)
                if not tables:
                    raise duckdb.CatalogException(
                        f'The dataset "{dataset}" has no files that SQL reads: Parquet, CSV and JSON'
                    )
                if [table.name for table in tables] == [""]:
                    for name in names:
                        self._add_view(connection, name, self._select(dataset, tables[0]), variables)
                else:
                    for name in names:
                        self._add_schema(connection, name, dataset, tables, text)
            except (OSError, duckdb.Error) as error:
                self.problems[dataset] = error

    def drop(self, connection: Any) -> None:
        """Removes the views of datasets of one table."""
        for name in list(self._views):
            try:
                self._drop_view(connection, name)
            except duckdb.TransactionException:  # aborted by an error of the cell
                with suppress(duckdb.Error):
                    connection.rollback()
                    self._drop_view(connection, name)
            except duckdb.Error:
                continue  # the database is closed, or invalid
        self._views.clear()
        self._noted.clear()
        self.notes = []
        self.problems = {}

    def names(self) -> list[str]:
        """Of the datasets that are described, mounted or not."""
        try:
            return sorted(name for name in os.listdir(self._data) if not name.startswith("."))
        except OSError:
            return []

    def tables_of(self, name: str) -> list[str]:
        """The qualified names of the tables of a dataset that has several and has been prepared; else none."""
        dataset = next((one for one in self._tables if name in (one, one.replace("-", "_"))), None)
        tables = self._tables[dataset][1] if dataset is not None else []
        return [f"{shown(name)}.{shown(table.name)}" for table in tables if table.name]

    def _tables_of(self, connection: Any, dataset: str) -> list[Table]:
        root = self._data / dataset
        listing = list_files(root)
        known = self._tables.get(dataset)
        if known is not None and known[0] == listing:
            return known[1]
        if listing.complete:
            files = {file.path: file for file in listing.files}

            def columns_of(path: str) -> Columns | None:
                file = files[path]
                key = (f"{dataset}/{path}", file.size, file.mtime_ns)
                if key not in self._columns:
                    self._columns[key] = _columns_of(connection, root, path)
                return self._columns[key]

            tables = tables_of(files, columns_of)
        else:
            paths = [file.path for file in listing.files]
            tables = tables_of_many((kind, path) for path in paths if (kind := format_of(path)))
        self._tables[dataset] = (listing, tables)
        return tables

    def _select(self, dataset: str, table: Table) -> str:
        files = table.files if table.is_glob else [_GLOB.sub(r"[\g<0>]", file) for file in table.files]
        return _select([str(self._data / dataset / file) for file in files], table.format, table.united)

    def _add_view(self, connection: Any, name: str, select: str, variables: dict[str, Any]) -> None:
        if name in self._views and _exists(connection, name, temporary=True):
            if not _exists(connection, name, temporary=False):
                return
            self._drop_view(connection, name)  # the cell has made a table of this name
        if _exists(connection, name):
            self._note(
                name, "is a table of this session", f"DROP it (or its view) to query the dataset {name}"
            )
        elif name in variables and _is_readable(connection, name, variables):
            kind = type(variables[name]).__name__
            self._note(
                name,
                f"is the variable of this session, a {kind}",
                f"`del {name}` to query the dataset of that name",
            )
        else:
            connection.execute(f"CREATE TEMP VIEW {_quoted(name)} AS {select}")
            self._views.add(name)

    def _note(self, name: str, what: str, instead: str) -> None:
        if name not in self._noted:
            self._noted.add(name)
            self.notes.append(f"{name} {what}: {instead}.")

    def _add_schema(
        self, connection: Any, schema: str, dataset: str, tables: list[Table], text: str | None
    ) -> None:
        """Its views stay: no variable of Python has a name with a dot."""
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}")
        for table in tables:
            if text is not None and not _mentions(text, table.name):
                continue
            try:
                view = f"{_quoted(schema)}.{_quoted(table.name)}"
                connection.execute(f"CREATE OR REPLACE VIEW {view} AS {self._select(dataset, table)}")
            except duckdb.Error as error:
                self.problems[f"{dataset}.{table.name}"] = error

    def _drop_view(self, connection: Any, name: str) -> None:
        connection.execute(f"DROP VIEW IF EXISTS temp.main.{_quoted(name)}")
        self._views.discard(name)


def with_variables(function: Callable[..., Any], variables: dict[str, Any]) -> Callable[..., Any]:
    """The function with the user's variables as its globals: DuckDB looks for tables in the globals of the code that calls it.
    Its parameters are found as well, so give them names that no table has; it must use nothing else."""
    return types.FunctionType(function.__code__, variables)


def shown(name: str) -> str:
    """As people write an identifier: without quotes where it has only letters and digits."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else _quoted(name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _is_readable(connection: Any, name: str, variables: dict[str, Any]) -> bool:
    """Whether DuckDB reads the variable as a table."""

    def probe(_grad_connection, _grad_query):  # type: ignore[no-untyped-def]
        return _grad_connection.sql(_grad_query)

    try:
        with_variables(probe, variables)(connection, f"FROM {_quoted(name)}")
    except (duckdb.Error, ValueError, RuntimeError):
        return False
    return True


def _exists(connection: Any, name: str, *, temporary: bool | None = None) -> bool:
    """Whether the database has a table or view of this name."""
    of = "AND (temporary OR (database_name = current_database() AND schema_name = current_schema()))"
    if temporary is not None:
        of += " AND temporary" if temporary else " AND NOT temporary"
    found = connection.execute(
        f"SELECT 1 FROM duckdb_tables() WHERE lower(table_name) = $name {of} UNION ALL "
        f"SELECT 1 FROM duckdb_views() WHERE lower(view_name) = $name AND NOT internal {of}",
        {"name": name.lower()},
    )
    return found.fetchone() is not None


def _columns_of(connection: Any, root: Path, path: str) -> Columns | None:
    kind = format_of(path)
    assert kind is not None
    try:
        file = str(root / _GLOB.sub(r"[\g<0>]", path))
        found = connection.sql(_select([file], kind, united=False, partitions=False))
        return frozenset(name.lower() for name in found.columns)
    except duckdb.Error:
        return None


def _select(paths: list[str], kind: Format, united: bool, *, partitions: bool = True) -> str:
    options = [", ".join(_literals(paths)).join("[]")]
    if united:
        options.append("union_by_name = true")
    if not partitions:
        options.append("hive_partitioning = false")
    return f"SELECT * FROM {_READER[kind]}({', '.join(options)})"


def _literals(paths: list[str]) -> Iterator[str]:
    for path in paths:
        yield "'" + path.replace("'", "''") + "'"
