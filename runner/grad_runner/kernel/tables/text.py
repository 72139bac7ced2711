"""A table's document as text, for libraries whose own text leaves columns out or would compute the table a second time."""

import json
from typing import Any, Final

_ALL_ROWS: Final = 40
"""A table with more rows is shown by its beginning and its end."""
_FIRST_ROWS: Final = 20
_CELL_CHARS: Final = 60


def as_text(document: dict[str, Any]) -> str:
    """Columns that are aligned, numbers to the right, then how much is not shown."""
    columns = document["columns"]
    rows, last, count = document["rows"], document["lastRows"], document["rowCount"]
    if count != len(rows) or len(rows) > _ALL_ROWS:
        rest = rows[_FIRST_ROWS:] + last
        rows, last = rows[:_FIRST_ROWS], rest[-5:] if count is not None else []
    shown = [[_text(cell) for cell in row] for row in rows]
    shown_last = [[_text(cell) for cell in row] for row in last]
    gap = [["…"] * len(columns)] if count is None or count > len(rows) + len(last) else []
    lines = [[column["name"] for column in columns], *shown, *gap, *shown_last]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    numeric = [column["type"].startswith(("int", "uint", "float", "decimal")) for column in columns]
    text = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    ]
    hidden = document["columnCount"] - len(columns)
    of_all = "?" if count is None else f"{count:,}"
    text.append(f"[{of_all} rows × {document['columnCount']} columns]")
    if hidden:
        text.append(f"[{hidden} more columns]")
    return "\n".join(text)


def _text(cell: Any) -> str:
    text = "null" if cell is None else cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    line = text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return line if len(line) <= _CELL_CHARS else line[: _CELL_CHARS - 1] + "…"
