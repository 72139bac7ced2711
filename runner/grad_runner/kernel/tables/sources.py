"""Tables of pandas, pyarrow, DuckDB and polars as `document.Source`. No library is imported: their objects are passed in."""

import time
from collections.abc import Sequence
from typing import Any, Final

from grad_runner.kernel.tables.document import Column
from grad_runner.kernel.tables.types import arrow_type, duckdb_type, pandas_type

_COUNT_SECONDS: Final = 0.5
"""So long the rest of a relation's rows are read to count them."""
_BATCH_ROWS: Final = 2_048


class PandasSource:
    """A DataFrame, or a Series as a frame of one column."""

    can_read_last = True

    def __init__(self, data: Any) -> None:
        is_series = data.ndim == 1
        self.kind = "pandas.Series" if is_series else "pandas.DataFrame"
        index = data.index
        self._levels = [index.get_level_values(level) for level in range(index.nlevels)]
        values = [data] if is_series else [data.iloc[:, at] for at in range(data.shape[1])]
        names = [data.name] if is_series else list(data.columns)
        self._values = [*self._levels, *values]
        self._rows = len(data)
        self.index_columns = len(self._levels)
        self.columns: Sequence[Column] = [
            Column(_label(name), pandas_type(each.dtype))
            for name, each in zip([*index.names, *names], self._values, strict=True)
        ]

    def read(self, start: int, stop: int) -> list[Sequence[Any]]:
        parts = [_slice(values, start, stop).tolist() for values in self._values]
        return list(zip(*parts, strict=True))

    def count(self) -> int | None:
        return self._rows


def _slice(values: Any, start: int, stop: int) -> Any:
    return values.iloc[start:stop] if hasattr(values, "iloc") else values[start:stop]


def _label(name: Any) -> str:
    """Of a column. Names of several levels are joined."""
    if name is None:
        return ""
    return " / ".join(str(part) for part in name) if isinstance(name, tuple) else str(name)


class ArrowSource:
    """A Table or a RecordBatch of pyarrow."""

    index_columns = 0
    can_read_last = True

    def __init__(self, table: Any, kind: str) -> None:
        self.kind = kind
        self._table = table
        self.columns: Sequence[Column] = [
            Column(field.name, arrow_type(field.type)) for field in table.schema
        ]

    def read(self, start: int, stop: int) -> list[Sequence[Any]]:
        return arrow_rows(self._table.slice(start, max(0, stop - start)))

    def count(self) -> int | None:
        return int(self._table.num_rows)


class RelationSource:
    """A relation of DuckDB, whose query runs once. Its rows come in the order of the query, so the last ones cannot be read."""

    kind = "duckdb.DuckDBPyRelation"
    index_columns = 0
    can_read_last = False

    def __init__(self, relation: Any) -> None:
        self._began = time.monotonic()
        # Not of the relation itself, whose own result the user may be reading.
        self._reader = relation.select("*").to_arrow_reader(_BATCH_ROWS)
        names = [str(name) for name in relation.types]
        self.columns: Sequence[Column] = [
            Column(field.name, duckdb_type(name, arrow_type(field.type)))
            for field, name in zip(self._reader.schema, names, strict=True)
        ]
        self._batches: list[Any] = []
        self._read = 0
        self._ended = False

    def read(self, start: int, stop: int) -> list[Sequence[Any]]:
        while not self._ended and self._read < stop:
            self._next_batch(keep=True)
        rows: list[Sequence[Any]] = []
        at = 0
        for batch in self._batches:
            first, end = max(start - at, 0), min(stop - at, batch.num_rows)
            if first < end:
                rows += arrow_rows(batch.slice(first, end - first))
            at += batch.num_rows
        return rows

    def count(self) -> int | None:
        while not self._ended and time.monotonic() - self._began < _COUNT_SECONDS:
            self._next_batch(keep=False)
        self._reader.close()
        return self._read if self._ended else None

    def _next_batch(self, *, keep: bool) -> None:
        try:
            batch = self._reader.read_next_batch()
        except StopIteration:
            self._ended = True
            return
        self._read += batch.num_rows
        if keep:
            self._batches.append(batch)


def arrow_rows(table: Any) -> list[Sequence[Any]]:
    """Of a table or a record batch."""
    return list(zip(*(_values(column) for column in table.columns), strict=True))


def _values(column: Any) -> list[Any]:
    try:
        return list(column.to_pylist())
    except (
        ValueError,
        OverflowError,
        NotImplementedError,
    ):  # instants that Python has not, such as years above 9999
        return list(column.cast("string").to_pylist())


class PolarsSource:
    """A DataFrame or a Series of polars."""

    index_columns = 0
    can_read_last = True

    def __init__(self, data: Any) -> None:
        is_series = type(data).__name__ == "Series"
        self.kind = "polars.Series" if is_series else "polars.DataFrame"
        self._frame = data.to_frame() if is_series else data
        schema = self._frame.head(0).to_arrow().schema
        self.columns: Sequence[Column] = [Column(field.name, arrow_type(field.type)) for field in schema]

    def read(self, start: int, stop: int) -> list[Sequence[Any]]:
        return list(self._frame.slice(start, max(0, stop - start)).iter_rows())

    def count(self) -> int | None:
        return int(self._frame.height)
