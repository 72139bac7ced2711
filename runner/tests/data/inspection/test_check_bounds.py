"""How much of a dataset a check looks at."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.inspection import check as subject
from grad_runner.data.inspection.check import MAX_FOOTERS, check
from grad_runner.data.inspection.listing import Listing
from grad_runner.data.inspection.tables import Footer
from grad_runner.gen.shared.limits import DEFAULT_CHECKED_FILES

SPEC = DatasetSpec("d", DirectorySource("/d"))


class Reads:
    """Stands in for the listing and the reader of footers, and remembers what they were asked for."""

    def __init__(self, parquet: list[str], *, in_time: bool = True, truncated: bool = False) -> None:
        self.parquet = parquet
        self.in_time = in_time
        self.truncated = truncated
        self.max_files = 0
        self.asked: list[str] | None = None

    def list_dataset(self, _: DatasetSpec, __: Path, max_files: int) -> Listing:
        self.max_files = max_files
        return Listing(files=1, truncated=self.truncated, parquet=self.parquet)

    async def footers(self, _: Path, paths: list[str]) -> tuple[list[Footer], bool]:
        self.asked = paths
        return [Footer("a.parquet", 3, (("x", "int64"),))], self.in_time


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(1, thread_name_prefix="test") as made:
        yield made


def install(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> Reads:
    monkeypatch.setattr(subject, "list_dataset", reads.list_dataset)
    monkeypatch.setattr(subject, "_footers", reads.footers)
    return reads


@pytest.mark.parametrize(("there", "asked", "truncated"), [(1_000, 1_000, False), (1_001, 1_000, True)])
async def test_check_opens_a_thousand_parquet_files_at_most(
    there: int, asked: int, truncated: bool, monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    reads = install(Reads([f"{number}.parquet" for number in range(there)]), monkeypatch)
    found = await check(SPEC, Path("/m"), 5, executor)
    assert reads.asked == reads.parquet[:asked] and asked == MAX_FOOTERS
    assert found.truncated is truncated and [table.rows for table in found.tables] == [3]


@pytest.mark.parametrize(("given", "used"), [(0, 100_000), (1, 1), (7, 7)])
async def test_check_counts_a_hundred_thousand_files_unless_another_bound_is_given(
    given: int, used: int, monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    reads = install(Reads([]), monkeypatch)
    await check(SPEC, Path("/m"), given, executor)
    assert reads.max_files == used and DEFAULT_CHECKED_FILES == 100_000
    assert reads.asked is None  # without parquet files no process is started


@pytest.mark.parametrize(
    ("reads", "truncated"),
    [
        (Reads(["a.parquet"]), False),
        (Reads(["a.parquet"], in_time=False), True),
        (Reads(["a.parquet"], truncated=True), True),
    ],
)
async def test_check_reports_that_it_has_not_seen_everything(
    reads: Reads, truncated: bool, monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    install(reads, monkeypatch)
    assert (await check(SPEC, Path("/m"), 0, executor)).truncated is truncated


async def test_check_asks_for_no_path_that_would_be_two_lines(
    monkeypatch: pytest.MonkeyPatch, executor: Executor
) -> None:
    reads = install(Reads(["a.parquet", "b\n.parquet"]), monkeypatch)
    await check(SPEC, Path("/m"), 0, executor)
    assert reads.asked == ["a.parquet"]
