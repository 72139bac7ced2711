"""The bounds of what a component writes to its log."""

import asyncio
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grad_runner.init.component_log import (
    BURST_BYTES,
    BYTES_PER_SECOND,
    KEPT_BYTES,
    MAX_LOG_BYTES,
    Allowance,
    ComponentLog,
)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 4 * BURST_BYTES)), max_size=30))
def test_an_allowance_grants_no_more_than_a_burst_and_its_rate(steps: list[tuple[float, int]]) -> None:
    allowance = Allowance()
    now, granted_bytes = 0.0, 0
    for seconds, wanted in steps:
        now += seconds
        granted = allowance.take(wanted, now)
        assert 0 <= granted <= wanted
        granted_bytes += granted
        assert granted_bytes <= BURST_BYTES + now * BYTES_PER_SECOND + 1


def test_who_writes_little_loses_nothing() -> None:
    allowance = Allowance()
    for second in range(100):
        assert allowance.take(BYTES_PER_SECOND, second) == BYTES_PER_SECOND


async def test_two_pipes_end_in_one_log_and_close_it(tmp_path: Path) -> None:
    log = ComponentLog(str(tmp_path / "log"))
    before = len(os.listdir("/proc/self/fd"))
    writers = [log.pipe(), log.pipe()]
    for writer in writers:
        os.write(writer, b"line\n")
        os.close(writer)
    async with asyncio.timeout(60):
        while len(os.listdir("/proc/self/fd")) != before:
            await asyncio.sleep(0.001)
    assert (tmp_path / "log").read_bytes() == b"line\nline\n"
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


async def test_a_flood_is_left_out_and_said_so(tmp_path: Path) -> None:
    now = 0.0
    log = ComponentLog(str(tmp_path / "log"), clock=lambda: now)
    writer = log.pipe()
    log.append(b"x" * (BURST_BYTES + 500))
    log.append(b"y" * 500)
    now = 1.0
    log.append(b"after\n")
    os.close(writer)
    text = (tmp_path / "log").read_bytes()
    assert text == b"x" * BURST_BYTES + b"\n[1000 bytes were left out]\nafter\n"


async def test_a_long_log_keeps_its_end(tmp_path: Path) -> None:
    now = 0.0
    path = tmp_path / "log"
    path.write_bytes(b"old\n" * (MAX_LOG_BYTES // 4 - 1) + b"end\n")
    log = ComponentLog(str(path), clock=lambda: now)
    writer = log.pipe()
    log.append(b"new\n")
    os.close(writer)
    text = path.read_bytes()
    assert len(text) == KEPT_BYTES + 4
    assert text.endswith(b"old\nend\nnew\n")
