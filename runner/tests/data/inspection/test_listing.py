"""A dataset's listing stops at its bounds, and says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource, S3Source
from grad_runner.data.inspection.listing import MAX_PATHS_CHARACTERS, MAX_SAMPLES, list_dataset, summarise

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


def test_summarise_stops_at_a_bound_of_all_paths_together() -> None:
    found = summarise(iter([("x" * MAX_PATHS_CHARACTERS, 1), ("y", 1)]), 100, LATER, early)
    assert (found.files, found.truncated) == (1, True)


@pytest.mark.parametrize(
    ("pages", "files", "truncated"),
    [
        ([None], 0, False),
        ([None, None, None], 0, True),
        ([None, None, ("a", 1)], 0, True),
        ([("a", 1), None], 1, False),
        ([("a", 1), None, ("b", 1), None], 1, True),
    ],
)
def test_summarise_looks_at_the_time_after_each_page(
    pages: list[tuple[str, int] | None], files: int, truncated: bool
) -> None:
    found = summarise(iter(pages), 10_000, LATER, lambda: LATER + 1)
    assert (found.files, found.truncated) == (files, truncated)


@pytest.mark.parametrize(
    ("there", "now", "truncated"), [(1_500, 10.0, False), (1_500, 10.1, True), (999, 11.0, False)]
)
def test_summarise_looks_at_the_time_every_thousand_files(there: int, now: float, truncated: bool) -> None:
    found = summarise(some(there), 10_000, LATER, lambda: now)
    assert (found.files, found.truncated) == (1_000 if truncated else there, truncated)


def test_list_dataset_lists_a_folder_with_a_minute_of_time(tmp_path: Path) -> None:
    for number in range(1_001):  # more than are counted between two looks at the clock
        (tmp_path / f"{number:04}.csv").touch()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "x.csv").write_text("x")
    found = list_dataset(DatasetSpec("d", DirectorySource("/elsewhere")), tmp_path, 10_000)
    assert (found.files, found.bytes, found.truncated) == (1_002, 1, False)


def test_list_dataset_counts_no_links_and_nothing_behind_them(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (outside / "secret.csv").write_text("secret")
    (root / "here.csv").write_text("here")
    spec = DatasetSpec("d", DirectorySource(str(root)))
    assert list_dataset(spec, root, 10).samples == ["here.csv"]
    (root / "file").symlink_to(outside / "secret.csv")
    (root / "folder").symlink_to(outside)
    assert list_dataset(spec, root, 10).samples == ["here.csv"]


def test_list_dataset_asks_s3_for_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grad_runner.data.s3.listing.list_files", lambda _: iter([("a.csv", 7)]))
    found = list_dataset(DatasetSpec("d", S3Source("", "us-east-1", "lake", "p", False)), Path("/mount"), 10)
    assert (found.files, found.bytes) == (1, 7)


def test_list_dataset_leaves_out_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    assert list_dataset(DatasetSpec("d", DirectorySource("/elsewhere")), tmp_path / "gone", 10).files == 0
