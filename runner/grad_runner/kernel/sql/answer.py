"""Runs one SQL statement on the session's connection, and keeps what it answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy
import pyarrow

from grad_runner.kernel.sql.views import with_variables

MAX_ROWS: Final = 100_000
MAX_BYTES: Final = 128 * 1024 * 1024
"""Of an answer that is kept; a longer one is cut."""
_BATCH_ROWS: Final = 8_192
_LOSSLESS: Final = "arrow_lossless_conversion"
_CHANGES: Final = {
    "INSERT": "inserted",
    "UPDATE": "updated",
    "DELETE": "deleted",
    "MERGE_INTO": "changed",
    "COPY": "written",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`table` is a relation on rows in memory, or None for a statement without rows. `text` is for people, or empty."""

    table: Any = None
    cut: bool = False
    """There are more rows."""
    text: str = ""


def run_statement(connection: Any, statement: Any, variables: dict[str, Any]) -> Answer:
    """Runs it to its end, or to the bounds of what is kept. `$name` in it is the variable `name`.

    Raises duckdb.Error, NameError.
    """
    values = _values(statement, variables)

    def execute(_grad_connection, _grad_statement, _grad_values):  # type: ignore[no-untyped-def]
        return _grad_connection.execute(_grad_statement, _grad_values)

    with _all_types_kept(connection):
        executed = with_variables(execute, variables)(connection, statement, values)
    columns = [(column[0], str(column[1])) for column in executed.description or []]
    kind = statement.type.name
    # Cases: a count of changed rows; a plan, as text; nothing; rows.
    if columns == [("Count", "BIGINT")] and kind in _CHANGES:
        ((count,),) = executed.fetchall()
        return Answer(text=f"{count:,} row{'' if count == 1 else 's'} {_CHANGES[kind]}.")
    if kind == "EXPLAIN":
        return Answer(text="\n".join(text for _, text in executed.fetchall()))
    if columns in ([], [("Count", "BIGINT")], [("Success", "BOOLEAN")]) and kind not in (
        "SELECT",
        "CALL",
        "EXECUTE",
    ):
        return Answer()
    return _kept(connection, executed.to_arrow_reader(_BATCH_ROWS))


@contextmanager
def _all_types_kept(connection: Any) -> Iterator[None]:
    """Else some types of DuckDB become others on the way through Arrow: HUGEINT, UUID, JSON, TIME WITH TIME ZONE."""
    settings = connection.cursor()
    ((before,),) = settings.execute(f"SELECT current_setting('{_LOSSLESS}')").fetchall()
    settings.execute(f"SET {_LOSSLESS} = true")
    try:
        yield
    finally:
        settings.execute(f"SET {_LOSSLESS} = {before}")
        settings.close()


def _values(statement: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for name in statement.named_parameters:
        if not name.isidentifier():
            raise duckdb.BinderException(
                "SQL cells have no ? for values: write $name, which is the variable of that name"
            )
        if name not in variables:
            raise NameError(f"SQL uses ${name}, and there is no variable '{name}'", name=name)
        value = variables[name]
        values[name] = value.item() if isinstance(value, numpy.generic) else value
    return values


def _kept(connection: Any, reader: Any) -> Answer:
    batches: list[Any] = []
    rows, size, cut = 0, 0, False
    while not cut and (batch := _next(reader)) is not None:
        kept = batch.slice(0, MAX_ROWS - rows)
        cut = kept.num_rows < batch.num_rows or size + batch.nbytes > MAX_BYTES
        batches.append(kept)
        rows, size = rows + kept.num_rows, size + batch.nbytes
    schema = reader.schema
    reader.close()
    return Answer(connection.from_arrow(pyarrow.Table.from_batches(batches, schema)), cut)


def _next(reader: Any) -> Any:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None
    except OSError as error:
        raise _duckdb_error(str(error)) from None


def _duckdb_error(text: str) -> duckdb.Error:
    """Arrow's reader raises an OSError with DuckDB's message, such as "Conversion Error: …"."""
    kind = getattr(duckdb, f"{text.partition(' Error:')[0].replace(' ', '')}Exception", None)
    return kind(text) if isinstance(kind, type) and issubclass(kind, duckdb.Error) else duckdb.Error(text)
