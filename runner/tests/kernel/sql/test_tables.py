"""Which tables the files of a dataset are."""

from collections.abc import Mapping

import pytest

from grad_runner.kernel.sql.tables import (
    MAX_UNITED,
    Columns,
    Format,
    Table,
    format_of,
    tables_of,
    tables_of_many,
)


def columns_by(kinds: Mapping[str, str]) -> "dict[str, Columns | None]":
    return {path: frozenset(names.split()) if names else None for path, names in kinds.items()}


def names(kinds: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The files by the name of their table. `kinds` has the columns of each file; none for one that cannot be read."""
    return {table.name: table.files for table in tables_of(kinds, columns_by(kinds).__getitem__)}


@pytest.mark.parametrize(
    "kinds",
    [
        {"a.parquet": "x"},
        {"flights-2024-01.parquet": "x y", "flights-2024-02.parquet": "x y z"},
        {"january.csv": "x y", "february.csv": "y x"},
        {"year=2024/month=1/data.parquet": "x", "year=2024/month=2/data.parquet": "x"},
        {"2023/a.parquet": "x", "2024/b.parquet": "x", "c.parquet": "x"},
        {
            "part-0-8c9e6679-7425-40de-944b-e07fc1f90ae7.pq": "x",
            "part-1-0f8fad5b-d9cb-469f-a165-70867728950e.pq": "y",
        },
        {"a.csv": "x", "broken.csv": ""},
        {"a.csv.gz": "x", "b.tsv": "x"},
    ],
)
def test_files_with_equal_columns_are_the_dataset_s_one_table(kinds: Mapping[str, str]) -> None:
    assert names(kinds) == {"": tuple(sorted(kinds))}


def test_what_sql_does_not_read_is_no_table() -> None:
    kinds = {
        "README.md": "",
        "_delta_log/1.json": "",
        ".hidden.csv": "",
        "a/_SUCCESS": "",
        "x=__HIVE__/a.csv": "x",
    }
    assert names(kinds) == {"": ("x=__HIVE__/a.csv",)}
    assert names({"README.md": ""}) == {}
    assert format_of("a/b.NDJSON.zst") == "json"
    assert format_of("a.parquet/b") is None


def test_other_columns_make_other_tables_named_by_file_or_folder() -> None:
    assert names(
        {
            "airports.csv": "iata city",
            "flights/2023.parquet": "day carrier",
            "flights/2024.parquet": "day carrier",
            "weather/year=2024/a.json": "temp",
            "My Planes (new).csv": "tail",
        }
    ) == {
        "airports": ("airports.csv",),
        "flights": ("flights/2023.parquet", "flights/2024.parquet"),
        "weather": ("weather/year=2024/a.json",),
        "My_Planes_new": ("My Planes (new).csv",),
    }


def test_folders_of_several_tables_are_split_further() -> None:
    assert set(names({"taxi/yellow/1.pq": "a", "taxi/green/1.pq": "b", "taxi/zones.csv": "c"})) == {
        "taxi_yellow",
        "taxi_green",
        "taxi_zones",
    }


def test_numbered_files_are_named_without_their_numbers() -> None:
    kinds = {"trip_2023.csv": "a", "trip_2024.csv": "a", "zones-7.csv": "b", "1.json": "c", "2.json": "c"}
    assert set(names(kinds)) == {"trip", "zones_7", "files"}


def test_equal_names_are_told_apart() -> None:
    kinds = {"a.csv": "x", "a.parquet": "y", "A.json": "z", "a.tsv": "w", "a.csv.gz": "v"}
    assert sorted(names(kinds)) == ["A", "a_2", "a_3", "a_csv", "a_parquet"]


def test_columns_of_a_few_files_are_united_and_of_many_where_the_ends_differ() -> None:
    def united(count: int, last: str) -> bool:
        kinds = {f"{number:03}.csv": "x" for number in range(count - 1)} | {"999.csv": last}
        (table,) = tables_of(kinds, columns_by(kinds).__getitem__)
        return table.united

    assert united(MAX_UNITED, "x")
    assert not united(MAX_UNITED + 1, "x")
    assert united(MAX_UNITED + 1, "x y")


def test_more_files_than_are_listed_are_a_table_for_each_format() -> None:
    found: list[tuple[Format, str]] = [("parquet", "a/1.parquet"), ("parquet", "a/1.pq")]
    assert tables_of_many(found) == [
        Table("", "parquet", ("**/*.parquet", "**/*.pq"), united=False, is_glob=True)
    ]
    assert [table.name for table in tables_of_many([*found, ("csv", "a.csv")])] == ["csv", "parquet"]
