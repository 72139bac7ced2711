"""The document of one table: names and types of its columns, its first and last rows, and the count of all rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from grad_runner.kernel.tables.cells import Cells

MEDIA_TYPE: Final = "application/vnd.gractl.table.v1+json"

MAX_BYTES: Final = 60_000
"""The whole document as JSON, so that it stays inline in every answer."""
_COLUMNS_BYTES: Final = 20_000
_LAST_ROWS_BYTES: Final = 8_000
MAX_ROWS: Final = 1_000
"""From the beginning."""
MAX_LAST_ROWS: Final = 5
_FIRST_READ_ROWS: Final = 20
_READ_ROWS: Final = 200
_CELL_CHARS: Final = (1_000, 100, 20)
"""The longest text of a cell; shorter where a few rows would take all the space."""
_NAME_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str


class Source(Protocol):
    """A table of some library. Rows are numbered from 0; a row has a value for each column."""

    kind: str
    columns: Sequence[Column]
    index_columns: int
    """How many of the columns, at the beginning, are pandas' index."""

    def read(self, start: int, stop: int) -> list[Sequence[Any]]:
        """The rows from `start` up to `stop`, without it; fewer at the end."""

    def count(self) -> int | None:
        """Of all rows; None where only reading all of them would tell. Called once all rows have been read that are wanted."""

    can_read_last: bool
    """`read` may be called for rows at the end, once `count` is known."""


def document(source: Source) -> dict[str, Any]:
    """Bounded by MAX_BYTES. Whatever the library raises comes out."""
    columns = _columns(source.columns)
    types = [column.type for column in source.columns[: len(columns)]]
    space = MAX_BYTES - _LAST_ROWS_BYTES - _size(columns)
    raw = source.read(0, _FIRST_READ_ROWS)
    for chars in _CELL_CHARS:
        cells = Cells(chars)
        rows, used = _fitting(raw, cells, types, space)
        if len(rows) == len(raw):
            break
    complete = len(rows) == len(raw)
    ended = len(raw) < _FIRST_READ_ROWS
    while complete and not ended and len(rows) < MAX_ROWS:
        wanted = min(_READ_ROWS, MAX_ROWS - len(rows))
        raw = source.read(len(rows), len(rows) + wanted)
        more, more_used = _fitting(raw, cells, types, space - used)
        rows += more
        used += more_used
        complete = len(more) == len(raw)
        ended = len(raw) < wanted
    count = source.count()
    last: list[list[Any]] = []
    if count is not None and source.can_read_last and len(rows) < count:
        start = max(len(rows), count - MAX_LAST_ROWS)
        newest_first = source.read(start, count)[::-1]
        last = _fitting(newest_first, cells, types, _LAST_ROWS_BYTES)[0][::-1]
    return {
        "source": source.kind,
        "columns": columns,
        "indexColumns": source.index_columns,
        "columnCount": len(source.columns),
        "rows": rows,
        "lastRows": last,
        "rowCount": count,
        "cutCells": cells.cut,
    }


def _columns(all_columns: Sequence[Column]) -> list[dict[str, str]]:
    cells = Cells(_NAME_CHARS)
    columns: list[dict[str, str]] = []
    used = 0
    for column in all_columns:
        described = {"name": str(cells.cell(column.name, "str")), "type": column.type}
        used += _size(described)
        if used > _COLUMNS_BYTES:
            break
        columns.append(described)
    return columns


def _fitting(
    raw: Sequence[Sequence[Any]], cells: Cells, types: Sequence[str], space: int
) -> tuple[list[list[Any]], int]:
    """The first rows that fit into so many bytes, and how many bytes they take."""
    rows: list[list[Any]] = []
    used = 0
    for values in raw:
        cut = cells.cut
        row = cells.row(values[: len(types)], types)
        size = _size(row)
        if used + size > space:
            cells.cut = cut
            break
        rows.append(row)
        used += size
    return rows, used


def _size(value: Any) -> int:
    """Bytes as JSON, with what separates it from the next."""
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")) + 2
