"""A folder that looks like /proc: what a hostile process can have open."""

import os
from pathlib import Path
from typing import Any

import pytest

from grad_runner.common.deleted_files import deleted_files

FUSE = "40 30 0:77 / /workspace/data/x ro - fuse.s3fs s3fs rw\n"
EXT4 = "41 30 8:1 / /workspace rw - ext4 /dev/sda rw\n"


def process_with(folder: Path, target: Path, *, mount: str, mounts: str = FUSE + EXT4) -> Path:
    (folder / "12" / "fd").mkdir(parents=True)
    (folder / "12" / "fdinfo").mkdir()
    (folder / "12" / "fd" / "3").symlink_to(target)
    (folder / "12" / "fdinfo" / "3").write_text(f"pos:\t0\nflags:\t02\n{mount}")
    (folder / "12" / "mountinfo").write_text(mounts)
    (folder / "self").mkdir()
    return folder


def test_a_file_of_a_dataset_is_not_asked_for_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    stat = os.stat

    def look(path: Any, **more: Any) -> os.stat_result:
        asked.append(path)
        return stat(path, **more)

    monkeypatch.setattr(os, "stat", look)
    # Code can name a file so that it looks deleted.
    target = tmp_path / "name (deleted)"
    target.touch()
    on_disk = process_with(tmp_path / "disk", target, mount="mnt_id:\t41\nino:\t7\n")
    assert list(deleted_files(on_disk)) == [None]  # it has a name
    assert [Path(str(path)).name for path in asked] == ["3"]
    asked.clear()
    for name, mount in (("dataset", "mnt_id:\t40\n"), ("unknown", "ino:\t7\n")):
        assert list(deleted_files(process_with(tmp_path / name, target, mount=mount))) == [None]
    assert asked == []


def test_a_process_that_denies_the_look_or_has_just_ended_is_passed_over(tmp_path: Path) -> None:
    proc = process_with(tmp_path, tmp_path / "x (deleted)", mount="mnt_id:\t41\n")
    assert list(deleted_files(proc)) == [None]
    (proc / "12" / "mountinfo").unlink()
    assert list(deleted_files(proc)) == [None]
    assert list(deleted_files(tmp_path / "nothing")) == []
    (proc / "13").mkdir()
    assert list(deleted_files(proc)) == [None]
