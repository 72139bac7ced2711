"""Folders that are created ahead of executions."""

from pathlib import Path

import pytest

from grad_runner.agent.storage.execution_dir_pool import ExecutionDirPool


def test_take_returns_a_pooled_folder_or_creates_one(tmp_path: Path) -> None:
    pool = ExecutionDirPool(tmp_path)
    for name in ("without", "with"):
        files = pool.take(tmp_path / name)
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["journal", "request.json"]
        files.close()
        pool.refill()
        assert not pool.is_low
    pool.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["with", "without"]


@pytest.mark.parametrize("pooled", [False, True])
def test_take_refuses_a_name_that_exists(tmp_path: Path, pooled: bool) -> None:
    pool = ExecutionDirPool(tmp_path)
    pool.take(tmp_path / "x").close()
    if pooled:
        pool.refill()
    with pytest.raises(FileExistsError):
        pool.take(tmp_path / "x")
    pool.close()
