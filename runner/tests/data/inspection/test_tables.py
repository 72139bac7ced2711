import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.data.inspection.tables import Footer, Table, glob_of, matches, tables_of

A, B = (("x", "int64"),), (("y", "string"),)


@pytest.mark.parametrize(
    ("paths", "others", "glob"),
    [
        (["flights.parquet"], [], "flights.parquet"),
        (["f/1.parquet", "f/2.parquet"], ["g/1.parquet"], "f/*.parquet"),
        (["year=2013/month=1/a.parquet", "year=2013/month=2/b.parquet"], [], "year=2013/month=*/*.parquet"),
        (["y=1/a.parquet", "y=2/a.parquet"], [], "y=*/a.parquet"),
        (["a1.parquet", "a2.parquet"], ["b.parquet"], "a*.parquet"),
        (["f/1.parquet", "f/g/2.parquet"], [], "f/**/*.parquet"),
        (["1.parquet", "g/h/2.parquet"], [], "**/*.parquet"),
        (["f/1.pq", "f/2.parquet"], [], "f/*"),
        (["f/a1.parquet", "f/a2.parquet"], ["f/b.parquet"], "f/a*.parquet"),
        (["a1.parquet", "a3.parquet"], ["a2.parquet"], "a*.parquet"),
    ],
)
def test_glob_of_is_the_glob_that_a_person_would_write(
    paths: list[str], others: list[str], glob: str
) -> None:
    assert glob_of(paths, others) == glob


PATHS = st.lists(
    st.lists(st.text("ab=.1", min_size=1, max_size=4), min_size=1, max_size=3).map("/".join),
    min_size=1,
    unique=True,
)


@given(PATHS, PATHS)
def test_glob_of_matches_every_path(paths: list[str], others: list[str]) -> None:
    glob = glob_of(paths, others)
    assert all(matches(glob, path) for path in paths)


def test_tables_of_groups_by_columns_and_adds_rows() -> None:
    footers = [Footer("f/2.parquet", 5, A), Footer("airlines.parquet", 16, B), Footer("f/1.parquet", 7, A)]
    assert tables_of(footers) == [Table("airlines.parquet", 1, 16, B), Table("f/*.parquet", 2, 12, A)]


def test_tables_of_returns_twenty_at_most() -> None:
    footers = [Footer(f"{number:02}.parquet", 1, ((f"c{number}", "int64"),)) for number in range(30)]
    assert [table.path for table in tables_of(footers)] == [f"{number:02}.parquet" for number in range(20)]


def test_tables_of_names_tables_of_one_folder_so_that_none_matches_the_files_of_another() -> None:
    footers = [Footer("a1.parquet", 1, A), Footer("a2.parquet", 1, A), Footer("b.parquet", 1, B)]
    assert [table.path for table in tables_of(footers)] == ["a*.parquet", "b.parquet"]
    assert [table.path for table in tables_of(footers[:2])] == ["*.parquet"]
