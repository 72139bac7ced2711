"""Groups parquet files into tables: files with equal columns are one table, named by its path or by a glob. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

MAX_TABLES = 20

S = TypeVar("S", str, list[str])
Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Footer:
    """The metadata of one parquet file; the columns as pairs of name and Arrow type."""

    path: str
    rows: int
    columns: Columns


@dataclass(frozen=True, slots=True)
class Table:
    path: str
    files: int
    rows: int
    columns: Columns


def tables_of(footers: Iterable[Footer]) -> list[Table]:
    """One table for each distinct list of columns, sorted by path; the first MAX_TABLES of them."""
    groups: dict[Columns, list[Footer]] = {}
    for footer in footers:
        groups.setdefault(footer.columns, []).append(footer)
    tables = []
    for columns, group in groups.items():
        paths = sorted(footer.path for footer in group)
        others = [other.path for key, one in groups.items() if key != columns for other in one]
        rows = sum(footer.rows for footer in group)
        tables.append(Table(glob_of(paths, others), len(paths), rows, columns))
    return sorted(tables, key=lambda table: table.path)[:MAX_TABLES]


def glob_of(paths: Sequence[str], others: Sequence[str]) -> str:
    """A glob that matches all of `paths` and, if one of the two candidates does so, none of `others`. A single path is its own
    glob. As in DuckDB, * matches within a folder and ** any number of folders."""
    candidates = [_glob(paths, _wide), _glob(paths, _narrow)]
    for glob in candidates:
        if not any(matches(glob, other) for other in others):
            return glob
    return candidates[-1]


def matches(glob: str, path: str) -> bool:
    """Whether the glob matches the whole path. Only * and ** are special, as in the globs of `glob_of`."""
    tokens = {"**/": "(.*/)?", "*": "[^/]*"}
    pattern = "".join(tokens.get(token) or re.escape(token) for token in re.split(r"(\*\*/|\*)", glob))
    return re.fullmatch(pattern, path, re.DOTALL) is not None


def _glob(paths: Sequence[str], of_parts: Callable[[list[str]], str]) -> str:
    split = [path.split("/") for path in paths]
    depths = {len(parts) for parts in split}
    if len(depths) == 1:
        return "/".join(of_parts(sorted(set(parts))) for parts in zip(*split, strict=True))
    above = _shared_start([parts[:-1] for parts in split])
    return "/".join([*above, "**", _wide(sorted({parts[-1] for parts in split}))])


def _wide(parts: list[str]) -> str:
    """`month=*` for hive partitions, `*.parquet` for files."""
    if len(parts) == 1:
        return parts[0]
    keys = {part.partition("=")[0] for part in parts if "=" in part}
    if len(keys) == 1 and all("=" in part for part in parts):
        return f"{keys.pop()}=*"
    endings = {part.rpartition(".")[2] for part in parts if "." in part}
    return f"*.{endings.pop()}" if len(endings) == 1 and all("." in part for part in parts) else "*"


def _narrow(parts: list[str]) -> str:
    """Their common beginning and end around a *."""
    if len(parts) == 1:
        return parts[0]
    begin = _shared_start(parts)
    end = _shared_start([part[len(begin) :][::-1] for part in parts])[::-1]
    return f"{begin}*{end}"


def _shared_start(sequences: Sequence[S]) -> S:
    first, last = min(sequences), max(sequences)  # what the smallest and the largest share, all share
    length = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), None)
    return first[: min(len(first), len(last)) if length is None else length]
