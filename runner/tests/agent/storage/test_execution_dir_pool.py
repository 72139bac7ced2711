from pathlib import Path

import pytest

from grad_runner.agent.storage.execution_dir_pool import ExecutionDirPool


def test_take_gives_a_folder_that_was_made_ahead_and_makes_one_where_there_is_none(tmp_path: Path) -> None:
    pool = ExecutionDirPool(tmp_path)
    for name in ("without", "with"):
        files = pool.take(tmp_path / name)
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["journal", "request.json"]
        files.close()
        pool.refill()
        assert not pool.is_low
    pool.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["with", "without"]


@pytest.mark.parametrize("spare", [False, True])
def test_take_refuses_a_folder_that_is_there(tmp_path: Path, spare: bool) -> None:
    pool = ExecutionDirPool(tmp_path)
    pool.take(tmp_path / "x").close()
    if spare:
        pool.refill()
    with pytest.raises(FileExistsError):
        pool.take(tmp_path / "x")
    pool.close()
