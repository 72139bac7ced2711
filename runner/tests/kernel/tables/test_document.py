"""The document of a table: its types, values and bounds, as docs/tables.md describes them."""

import json
import os
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy
import pandas
import pyarrow
import pytest

from grad_runner.kernel.tables.cells import Cells, duration
from grad_runner.kernel.tables.document import MAX_BYTES, MAX_ROWS, document
from grad_runner.kernel.tables.sources import ArrowSource, PandasSource, RelationSource
from grad_runner.kernel.tables.text import as_text
from grad_runner.kernel.tables.types import arrow_type

GOLDEN = Path(__file__).parent / "testdata"
"""gractl's tests read the same files."""


def frame_of_all_types() -> pandas.DataFrame:
    return pandas.DataFrame(
        {
            "int": [1, 2**60, -3],
            "float": [1.5, numpy.nan, numpy.inf],
            "small": numpy.array([0.1, 1.0, -0.0], dtype="float32"),
            "flag": [True, False, True],
            "text": ["x", None, "é\x1b[31m\n"],
            "instant": pandas.to_datetime(["2020-01-01", None, "2020-01-02T03:04:05.5"], format="ISO8601"),
            "zoned": pandas.to_datetime(["2020-01-01", None, "2020-06-01"]).tz_localize("Europe/Berlin"),
            "kind": pandas.Categorical(["u", "v", "u"]),
            "span": pandas.to_timedelta(["1 days", "-1h", None]),
            "nullable": pandas.array([1, None, 3], dtype="Int64"),
            "object": [[1, 2], {"k": numpy.int64(2**60)}, b"ab"],
            ("two", "levels"): [Decimal("1.50"), None, date(2020, 1, 2)],
        },
        index=pandas.Index(["a", "b", "c"], name="key"),
    )


def arrow_of_all_types() -> pyarrow.Table:
    return pyarrow.table(
        {
            "u64": pyarrow.array([2**64 - 1, 0], pyarrow.uint64()),
            "f16": pyarrow.array([numpy.float16(0.5), None], pyarrow.float16()),
            "dec": pyarrow.array([Decimal("1.10"), None], pyarrow.decimal128(10, 2)),
            "day": pyarrow.array([date(2020, 1, 2), None]),
            "at": pyarrow.array([datetime(2020, 1, 2, tzinfo=UTC), None], pyarrow.timestamp("us", "UTC")),
            "clock": pyarrow.array([time(1, 2, 3, 4), None], pyarrow.time64("us")),
            "span": pyarrow.array([timedelta(days=1, seconds=2), None], pyarrow.duration("us")),
            "list": pyarrow.array([["a", None], None], pyarrow.list_(pyarrow.string())),
            "struct": pyarrow.array([{"a": 1, "b": [True]}, None]),
            "map": pyarrow.array([[("k", 1)], None], pyarrow.map_(pyarrow.string(), pyarrow.int32())),
            "code": pyarrow.array(["a", None]).dictionary_encode(),
            "bytes": pyarrow.array([b"\x00\xff", None], pyarrow.binary()),
            "none": pyarrow.nulls(2),
            "far": pyarrow.array([2**62, None], pyarrow.int64()).cast(pyarrow.timestamp("us")),
        }
    )


RELATION = (
    "select 1::hugeint as h, '9'::uhugeint as uh, interval '1 month 2 days 3 seconds' as i, 'a'::enum('a', 'b') as e, "
    "1.5::decimal(10, 2) as d, date '2020-01-01' as day, null as n, [1, null] as l, 'nan'::double as f, '[1]'::json as j"
)


def documents() -> dict[str, dict[str, Any]]:
    return {
        "frame": document(PandasSource(frame_of_all_types())),
        "series": document(PandasSource(pandas.Series([3, 1], index=["b", "a"], name="count"))),
        "arrow": document(ArrowSource(arrow_of_all_types(), "pyarrow.Table")),
        "relation": document(RelationSource(duckdb.connect().sql(RELATION))),
        "long_frame": document(PandasSource(pandas.DataFrame({"n": range(2_000), "s": ["x" * 40] * 2_000}))),
    }


@pytest.mark.parametrize("name", ["frame", "series", "arrow", "relation", "long_frame"])
def test_documents_are_as_their_golden_files(name: str) -> None:
    made = json.dumps(documents()[name], ensure_ascii=False, allow_nan=False) + "\n"
    file = GOLDEN / f"{name}.json"
    if os.environ.get("GOLDEN") == "update":
        file.parent.mkdir(exist_ok=True)
        file.write_text(made)
    assert file.read_text() == made


def test_a_long_frame_has_first_and_last_rows_and_its_count() -> None:
    made = document(PandasSource(pandas.DataFrame({"n": range(100_000)})))
    assert made["rowCount"] == 100_000
    assert [row[1] for row in made["rows"]] == list(range(MAX_ROWS))
    assert [row[1] for row in made["lastRows"]] == list(range(99_995, 100_000))


@pytest.mark.parametrize(
    "frame",
    [
        pandas.DataFrame([["x" * 5_000] * 300] * 30),
        pandas.DataFrame(numpy.zeros((3, 3_000))),
        pandas.DataFrame({"é" * 10_000: ["\x1b" * 100_000]}),
        pandas.DataFrame({"a": [list(range(100))] * 50}),
        pandas.DataFrame({"a": [10**5_000]}),
        pandas.DataFrame(index=range(10)),
        pandas.DataFrame(),
    ],
    ids=["wide texts", "columns", "one text", "lists", "integer", "no columns", "nothing"],
)
def test_a_document_is_bounded_and_has_rows(frame: pandas.DataFrame) -> None:
    made = document(PandasSource(frame))
    assert len(json.dumps(made, ensure_ascii=False, allow_nan=False).encode()) <= MAX_BYTES
    assert made["columnCount"] == frame.shape[1] + 1
    assert made["rows"] or len(frame) == 0
    assert all(len(row) == len(made["columns"]) for row in made["rows"] + made["lastRows"])


def test_texts_that_are_cut_are_counted() -> None:
    made = document(PandasSource(pandas.DataFrame({"a": ["x" * 1_001, "y" * 1_000]})))
    assert made["cutCells"] == 1
    assert made["rows"][0][1] == "x" * 1_000 + "…"
    assert made["rows"][1][1] == "y" * 1_000


def test_a_relation_is_run_once_and_counted() -> None:
    connection = duckdb.connect()
    connection.execute("create sequence runs")
    relation = connection.sql("select range as i, nextval('runs') as run from range(5000)")
    made = document(RelationSource(relation))
    assert made["rowCount"] == 5_000
    assert connection.execute("select nextval('runs')").fetchone() == (5_001,)


def test_a_relation_that_the_user_reads_goes_on_where_it_was() -> None:
    relation = duckdb.connect().sql("select * from range(3)")
    assert relation.fetchone() == (0,)
    assert document(RelationSource(relation))["rowCount"] == 3
    assert relation.fetchone() == (1,)


def test_the_rest_of_a_long_relation_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grad_runner.kernel.tables.sources._COUNT_SECONDS", 0.0)
    made = document(RelationSource(duckdb.connect().sql("select * from range(100000)")))
    assert (made["rowCount"], len(made["rows"])) == (None, MAX_ROWS)
    assert as_text(made).endswith("…\n[? rows × 1 columns]")


def test_the_text_of_a_document_has_all_columns() -> None:
    table = pyarrow.table({f"column_{n}": [n] for n in range(40)})
    text = as_text(document(ArrowSource(table, "pyarrow.Table")))
    assert all(f"column_{n}" in text for n in range(40))
    assert text.endswith("[1 rows × 40 columns]")


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no")


def test_a_value_that_cannot_be_printed_is_named_by_its_class() -> None:
    assert Cells(10).cell(Unprintable(), "object") == "<Unprintable>"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(0), "0 days 00:00:00"),
        (timedelta(days=1, hours=2, minutes=3, seconds=4, microseconds=500_000), "1 days 02:03:04.5"),
        (timedelta(hours=-1), "-1 days +23:00:00"),
        (pandas.Timedelta(1, "ns"), "0 days 00:00:00.000000001"),
    ],
)
def test_durations_are_as_pandas_reads_them(value: timedelta, text: str) -> None:
    assert duration(value) == text
    assert pandas.Timedelta(text) == value


def test_types_of_arrow_that_are_nested_deeply_end() -> None:
    of = pyarrow.int8()
    for _ in range(50):
        of = pyarrow.list_(of)
    assert arrow_type(of) == "list<list<list<list<…>>>>"
