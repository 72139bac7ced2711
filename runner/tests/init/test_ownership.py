"""Which files are given. Only root can give any, so the calls are recorded; tests/attacks/root_uid_test.ts gives real ones."""

import os
from pathlib import Path

import pytest

from grad_runner.init.ownership import give_file, give_folder

OTHER = 30_000


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what is given, in order; a folder that is given by its descriptor is its whole path."""
    names: list[str] = []

    def chown(name: str, uid: int, gid: int, *, dir_fd: int, follow_symlinks: bool) -> None:
        assert (uid, gid, follow_symlinks) == (OTHER, OTHER, False)
        assert os.lstat(name, dir_fd=dir_fd)
        names.append(name)

    def fchown(descriptor: int, uid: int, gid: int) -> None:
        assert (uid, gid) == (OTHER, OTHER)
        names.append(os.readlink(f"/proc/self/fd/{descriptor}"))

    monkeypatch.setattr(os, "chown", chown)
    monkeypatch.setattr(os, "fchown", fchown)
    return names


def test_give_folder_gives_all_that_is_in_it_and_itself_last(tmp_path: Path, given: list[str]) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()
    give_folder(str(tmp_path), OTHER)
    assert (sorted(given[:-1]), given[-1]) == (["a", "b", "file"], str(tmp_path))


def test_give_folder_does_nothing_twice(tmp_path: Path, given: list[str]) -> None:
    give_folder(str(tmp_path), os.getuid())
    assert given == []


def test_give_folder_gives_links_and_not_what_they_lead_to(tmp_path: Path, given: list[str]) -> None:
    volume, outside = tmp_path / "volume", tmp_path / "outside"
    volume.mkdir()
    outside.mkdir()
    (outside / "file").touch()
    (volume / "link").symlink_to(outside)
    (volume / "to file").symlink_to(outside / "file")
    give_folder(str(volume), OTHER)
    assert sorted(given[:-1]) == ["link", "to file"]
    with pytest.raises(OSError, match="Not a directory"):
        give_folder(str(volume / "link"), OTHER)


def test_give_folder_leaves_a_file_that_has_a_name_outside(
    tmp_path: Path, given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    (tmp_path / "precious").touch()
    (volume / "second name").hardlink_to(tmp_path / "precious")
    (volume / "own").touch()
    (volume / "own too").hardlink_to(volume / "own")
    give_folder(str(volume), OTHER)
    assert sorted(given[:-1]) == ["own", "own too"]
    assert "file.not_given" in capsys.readouterr().err


def test_give_file_makes_it_and_follows_no_link(tmp_path: Path, given: list[str]) -> None:
    give_file(str(tmp_path / "log"), OTHER)
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
    (tmp_path / "link").symlink_to("log")
    with pytest.raises(OSError, match="symbolic links"):
        give_file(str(tmp_path / "link"), OTHER)
    assert given == [str(tmp_path / "log")]
