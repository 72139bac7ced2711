"""The bounds of listings: how many entries they have, and how deep they go."""

from pathlib import Path

import pytest

from grad_runner.agent.files import workspace_files
from grad_runner.agent.files.workspace_files import MAX_ENTRIES, WorkspaceFiles


def files_in(folder: Path, count: int) -> WorkspaceFiles:
    for top in ("code", "outputs", "data"):
        (folder / top).mkdir()
    for number in range(count):
        (folder / "code" / str(number)).touch()
    return WorkspaceFiles(folder, folder / "data")


@pytest.mark.parametrize("recursive", [False, True])
def test_a_listing_has_so_many_entries_and_says_whether_there_are_more(
    tmp_path: Path, recursive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_ENTRIES == 10_000
    monkeypatch.setattr(workspace_files, "MAX_ENTRIES", 20)
    files = files_in(tmp_path, 20)
    entries, more = files.entries("code", recursive=recursive)
    assert (len(entries), more) == (20, False)
    (tmp_path / "code" / "one-more").touch()
    entries, more = files.entries("code", recursive=recursive)
    assert (len(entries), more) == (20, True)


def test_a_listing_of_everything_says_that_a_folder_was_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MAX_ENTRIES", 20)
    files = files_in(tmp_path, 17)  # and the entries of the three folders
    assert files.entries("", recursive=True)[1] is False
    for number in range(3):
        (tmp_path / "code" / f"more-{number}").touch()
    assert files.entries("", recursive=True)[1] is True


def test_a_listing_in_folders_of_a_folder_stops_at_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MAX_ENTRIES", 5)
    files = files_in(tmp_path, 0)
    deep = tmp_path / "code" / "a" / "b"
    deep.mkdir(parents=True)
    for number in range(3):
        (deep / str(number)).touch()
    entries, more = files.entries("code", recursive=True)
    assert ([entry.path for entry in entries][:2], len(entries), more) == (["code/a", "code/a/b"], 5, False)
    (deep / "3").touch()
    assert files.entries("code", recursive=True)[1] is True
    assert [entry.path for entry in files.entries("code", recursive=False)[0]] == ["code/a"]


@pytest.mark.parametrize("path", ["code", ""])
def test_a_listing_goes_down_64_folders_below_the_one_that_it_lists_first(tmp_path: Path, path: str) -> None:
    files = files_in(tmp_path, 0)
    chain = ["code/" + "/".join("d" * depth) for depth in range(1, 68)]
    (tmp_path / chain[-1]).mkdir(parents=True)
    entries, more = files.entries(path, recursive=True)
    tops = [] if path == "code" else ["code", "data", "outputs"]
    assert [entry.path for entry in entries] == sorted([*tops, *chain[:65]])
    assert more is False


def test_a_listing_goes_on_behind_a_folder_that_was_listed_whole(tmp_path: Path) -> None:
    files = files_in(tmp_path, 0)
    for name in ("a", "b"):
        (tmp_path / "code" / name).mkdir()
        (tmp_path / "code" / name / "x").touch()
    entries, more = files.entries("code", recursive=True)
    assert ([entry.path for entry in entries], more) == (["code/a", "code/a/x", "code/b", "code/b/x"], False)


def test_a_listing_of_long_paths_stops_at_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace_files, "MAX_LISTING_BYTES", 3 * (64 + len("code/") + 200))
    files = files_in(tmp_path, 0)
    for number in range(3):
        (tmp_path / "code" / (str(number) + "x" * 199)).touch()
    assert [len(listed) for listed in files.entries("code", recursive=True)[:1]] == [3]
    assert files.entries("code", recursive=True)[1] is False
    # As long as the others, because a folder is read in any order.
    (tmp_path / "code" / ("3" + "x" * 199)).touch()
    entries, more = files.entries("code", recursive=True)
    assert (len(entries), more) == (3, True)
