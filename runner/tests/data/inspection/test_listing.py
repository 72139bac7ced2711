"""A dataset's listing stops at its bounds, and says so."""

from collections.abc import Iterator

import pytest

from grad_runner.data.inspection.listing import MAX_SAMPLES, summarise

LATER = 10.0


def early() -> float:
    return 0.0


def some(count: int) -> Iterator[tuple[str, int]]:
    return ((f"{number:05}.csv", 2) for number in range(count))


@pytest.mark.parametrize(
    ("there", "bound", "counted", "truncated"),
    [(5, 6, 5, False), (5, 5, 5, False), (6, 5, 5, True), (0, 5, 0, False)],
)
def test_summarise_counts_to_the_bound(there: int, bound: int, counted: int, truncated: bool) -> None:
    found = summarise(some(there), bound, LATER, early)
    assert (found.files, found.bytes, found.truncated) == (counted, 2 * counted, truncated)


def test_summarise_samples_the_first_by_name() -> None:
    names = [f"{number:02}.csv" for number in range(MAX_SAMPLES + 5)]
    found = summarise(iter([(name, 1) for name in reversed(names)]), 100, LATER, early)
    assert found.samples == names[:MAX_SAMPLES]


def test_summarise_finds_parquet_by_its_endings() -> None:
    names = ["a.parquet", "b.PARQ", "c.pq", "d.csv", "e.parquet.txt"]
    found = summarise(iter([(name, 1) for name in names]), 100, LATER, early)
    assert found.parquet == ["a.parquet", "b.PARQ", "c.pq"]


@pytest.mark.parametrize(
    ("there", "now", "truncated"), [(1_500, 10.0, False), (1_500, 10.1, True), (999, 11.0, False)]
)
def test_summarise_looks_at_the_time_every_thousand_files(there: int, now: float, truncated: bool) -> None:
    found = summarise(some(there), 10_000, LATER, lambda: now)
    assert (found.files, found.truncated) == (1_000 if truncated else there, truncated)
