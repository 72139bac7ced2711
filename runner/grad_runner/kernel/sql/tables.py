"""Which tables the files of a dataset are. Pure but for `columns_of`, which reads one file."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Format = Literal["parquet", "csv", "json"]
Columns = frozenset[str]
"""Names of a file's columns, without the order and without upper case, as SQL compares them."""

MAX_COMPARED: Final = 200
"""So many files are opened at most to compare their columns; further ones are taken to be like those."""
MAX_UNITED: Final = 50
"""Up to so many files, each one's columns are read, so that a column that only some have is there, too."""
_FORMAT: Final = re.compile(
    r"\.(?:(?P<parquet>parquet|parq|pq)|(?P<csv>[ct]sv)|(?P<json>json|jsonl|ndjson))(?:\.(?:gz|gzip|zst|zstd))?$",
    re.IGNORECASE,
)
_VARYING: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+", re.IGNORECASE)
"""What differs between the files of one table: numbers, dates, and the ids that writers of parts give them."""
_PARTITION: Final = re.compile(r"[^/=]+=[^/]*")


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is empty where the dataset is this one table. `files` are paths below the dataset, or globs."""

    name: str
    format: Format
    files: tuple[str, ...]
    united: bool
    """The files may have different columns: a table has all of them."""
    is_glob: bool = False


@dataclass(frozen=True, slots=True)
class _Family:
    """Files of one folder (partitions aside) whose names differ in numbers only."""

    folder: tuple[str, ...]
    stem: str
    format: Format
    files: tuple[str, ...]


def format_of(path: str) -> Format | None:
    """By its ending; None for a file that SQL does not read. Hidden files and those of writers (`_temporary/…`) are none."""
    found = _FORMAT.search(path)
    if found is None or any(part[0] in "._" for part in path.split("/") if part and "=" not in part):
        return None
    return found.lastgroup  # type: ignore[return-value]  # the pattern's groups are the formats


def tables_of(paths: Iterable[str], columns_of: Callable[[str], Columns | None]) -> list[Table]:
    """The tables of a dataset with these files, sorted by name. `columns_of` returns None for a file that cannot be read."""
    known: dict[str, Columns | None] = {}

    def columns(path: str) -> Columns | None:
        if path not in known:
            known[path] = columns_of(path)
        return known[path]

    found = _split((), sorted(_families(paths), key=lambda family: family.files), columns)
    return sorted(_named(found, columns), key=lambda table: table.name)


def tables_of_many(ending_of: Iterable[tuple[Format, str]]) -> list[Table]:
    """The tables of a dataset with more files than are listed: one for each format, by a glob for each ending."""
    endings: dict[Format, set[str]] = {}
    for kind, path in ending_of:
        endings.setdefault(kind, set()).add(_FORMAT.search(path)[0])  # type: ignore[index]  # it has a format
    return [
        Table(
            kind if len(endings) > 1 else "",
            kind,
            tuple(f"**/*{one}" for one in sorted(some)),
            united=False,
            is_glob=True,
        )
        for kind, some in sorted(endings.items())
    ]


def _families(paths: Iterable[str]) -> Iterator[_Family]:
    members: dict[tuple[tuple[str, ...], str, Format], list[str]] = {}
    for path in paths:
        if (kind := format_of(path)) is not None:
            *folders, name = path.split("/")
            folder = tuple(part for part in folders if not _PARTITION.fullmatch(part))
            members.setdefault((folder, _VARYING.sub("#", name), kind), []).append(path)
    for (folder, name, kind), files in members.items():
        yield _Family(folder, _FORMAT.sub("", name), kind, tuple(sorted(files)))


def _split(
    folder: tuple[str, ...], families: Sequence[_Family], columns: Callable[[str], Columns | None]
) -> Iterator[tuple[tuple[str, ...], list[_Family]]]:
    """The families by the table that they are of, with the table's folder and name."""
    if _are_one_table(families, columns):
        if families:
            yield folder, list(families)
        return
    below: dict[str, list[_Family]] = {}
    for family in families:
        if len(family.folder) > len(folder):
            below.setdefault(family.folder[len(folder)], []).append(family)
        else:
            yield (*folder, _own_name(family)), [family]
    for name, some in below.items():
        yield from _split((*folder, name), some, columns)


def _are_one_table(families: Sequence[_Family], columns: Callable[[str], Columns | None]) -> bool:
    if len(families) < 2:
        return True
    if len({family.format for family in families}) > 1:
        return False
    seen = {columns(family.files[0]) for family in families[:MAX_COMPARED]} - {None}
    return len(seen) < 2


def _own_name(family: _Family) -> str:
    """Without the numbers that differ, where there are several files."""
    if len(family.files) > 1:
        return family.stem.replace("#", " ")
    return _FORMAT.sub("", family.files[0].rpartition("/")[2])


def _named(
    found: Iterable[tuple[tuple[str, ...], list[_Family]]], columns: Callable[[str], Columns | None]
) -> Iterator[Table]:
    taken: set[str] = set()
    for parts, families in found:
        name = "_".join(filter(None, (re.sub(r"\W+", "_", part).strip("_") for part in parts)))
        kind = families[0].format
        if parts:
            name = next(free for free in _names(name or "files", kind) if free.lower() not in taken)
            taken.add(name.lower())
        files = tuple(sorted(file for family in families for file in family.files))
        yield Table(name, kind, files, len(files) <= MAX_UNITED or columns(files[0]) != columns(files[-1]))


def _names(name: str, kind: Format) -> Iterator[str]:
    yield name
    yield f"{name}_{kind}"
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1
