"""What a process of this test has open."""

import os
from pathlib import Path

import pytest

from grad_runner.kernel.open_files import deleted_bytes

MIB = 1024 * 1024


@pytest.mark.asyncio
async def test_deleted_files_of_the_file_system_count_once(tmp_path: Path) -> None:
    processes = tmp_path / "processes"
    processes.mkdir()
    (processes / str(os.getpid())).symlink_to("/proc/self")
    with (tmp_path / "file").open("wb") as file:
        file.write(b"x" * 3 * MIB)
        file.flush()
        assert await deleted_bytes([tmp_path], processes) < MIB
        os.unlink(file.name)
        again = os.dup(file.fileno())
        assert 3 * MIB <= await deleted_bytes([tmp_path], processes) < 4 * MIB
        os.close(again)
        assert await deleted_bytes([Path("/proc")], processes) == 0


@pytest.mark.asyncio
async def test_many_open_files_are_looked_at_in_turns(tmp_path: Path) -> None:
    processes = tmp_path / "processes"
    processes.mkdir()
    (processes / "1").symlink_to("/proc/self")
    opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(500)]
    try:
        assert await deleted_bytes([tmp_path], processes) < MIB
    finally:
        for one in opened:
            os.close(one)
