"""What real files take."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from grad_runner.agent.volume.measure import MAX_DEPTH, measure

MIB = 1024 * 1024
NO_PROCESSES = Path("/nonexistent")


def used(*folders: Path, max_files: int = 10_000) -> int:
    return measure(folders, max_files, processes=NO_PROCESSES).bytes


def test_blocks_count_and_not_sizes(tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"x" * 3 * MIB)
    before = used(tmp_path)
    assert 3 * MIB <= before < 4 * MIB
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10 * 1024 * MIB)
    assert used(tmp_path) - before < MIB


def test_a_file_counts_once_however_many_names_it_has(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"x" * 3 * MIB)
    for index in range(5):
        os.link(tmp_path / "a" / "file", tmp_path / f"name-{index}")
    assert used(tmp_path) < 4 * MIB


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"x" * 3 * MIB)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    assert used(inside) < MIB
    (tmp_path / "top").symlink_to(outside)
    assert used(tmp_path / "top") == 0


def test_many_small_files_count_by_their_blocks_and_their_number(tmp_path: Path) -> None:
    for index in range(500):
        (tmp_path / str(index)).write_bytes(b"x")
    usage = measure([tmp_path], 10_000, processes=NO_PROCESSES)
    assert usage.files == 500
    assert usage.is_complete
    assert usage.bytes >= 500 * 512
    assert not measure([tmp_path], 100, processes=NO_PROCESSES).is_complete


def test_a_folder_that_denies_the_reading_is_opened(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    (closed / "inner" / "file").write_bytes(b"x" * 3 * MIB)
    (closed / "inner").chmod(0)
    closed.chmod(0)
    assert used(tmp_path) >= 3 * MIB


def test_folders_that_are_too_deep_are_told(tmp_path: Path) -> None:
    at = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(MAX_DEPTH + 5):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(at)
    assert not measure([tmp_path], 10_000, processes=NO_PROCESSES).is_complete
    shutil.rmtree(tmp_path / "d")


def test_a_deleted_file_counts_while_a_process_has_it_open(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.write(b"x" * 3 * MIB)
        file.flush()
        os.unlink(file.name)
        assert used(tmp_path) < MIB
        copies = tmp_path / "processes" / str(os.getpid())
        copies.parent.mkdir()
        copies.symlink_to("/proc/self")
        assert measure([tmp_path], 10_000, processes=tmp_path / "processes").bytes >= 3 * MIB


def test_an_entry_that_is_left_out_is_not_even_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("data", "code"):
        (tmp_path / name / "data").mkdir(parents=True)
        (tmp_path / name / "data" / "file").write_bytes(b"x" * 3 * MIB)
    assert used(tmp_path) >= 6 * MIB
    looked_at: list[object] = []
    stat = os.stat

    def look(path: Any, **more: Any) -> os.stat_result:
        looked_at.append(path)
        return stat(path, **more)

    monkeypatch.setattr(os, "stat", look)
    usage = measure([tmp_path], 10_000, without=[tmp_path / "data"], processes=NO_PROCESSES)
    # Only in that place: a folder of the same name further down is the user's.
    assert 3 * MIB <= usage.bytes < 6 * MIB
    assert looked_at == ["code", "data", "file"]


@pytest.mark.parametrize("missing", ["nowhere", "file"])
def test_what_is_no_folder_counts_nothing(tmp_path: Path, missing: str) -> None:
    (tmp_path / "file").touch()
    assert used(tmp_path / missing) == 0
