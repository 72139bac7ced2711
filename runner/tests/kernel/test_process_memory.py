"""Reading the memory of real processes: this one, and one that has ended."""

import builtins
import mmap
import os
from typing import Any

import pytest

from grad_runner.kernel.memory_estimate import Footprint
from grad_runner.kernel.process_memory import (
    read_anonymous_bytes,
    read_footprint,
    read_machine_used_bytes,
    read_peak,
    reset_peak,
)
from grad_runner.kernel.process_table import Process, read_process

MIB = 1024 * 1024
ENDED = Process(2**22 + 1, 1, 1, 1, 1, 0, 7 * MIB, False, 0)


def this_process() -> Process:
    process = read_process(os.getpid())
    assert process is not None
    return process


def test_read_footprint_and_read_anonymous_bytes_grow_with_private_memory() -> None:
    before, anonymous_before = read_footprint(this_process()), read_anonymous_bytes(os.getpid())
    with mmap.mmap(-1, 64 * MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as block:
        block.write(b"x" * 64 * MIB)
        after, anonymous_after = read_footprint(this_process()), read_anonymous_bytes(os.getpid())
    assert after.private_bytes - before.private_bytes > 60 * MIB
    assert after.proportional_bytes - before.proportional_bytes > 60 * MIB
    assert anonymous_after - anonymous_before > 60 * MIB
    assert 0 < before.private_bytes <= before.proportional_bytes <= this_process().rss_bytes


def test_figures_of_an_ended_process_are_zero() -> None:
    assert read_footprint(ENDED) == Footprint(0, 0)
    assert (read_anonymous_bytes(ENDED.pid), read_peak(ENDED.pid), reset_peak(ENDED.pid)) == (0, 0, False)


def test_a_process_that_denies_the_reading_counts_with_its_resident_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = this_process()
    assert read_footprint(process).proportional_bytes < process.rss_bytes

    def denied(*_: Any, **__: Any) -> Any:
        raise PermissionError

    monkeypatch.setattr(builtins, "open", denied)
    assert read_footprint(process) == Footprint(process.rss_bytes, process.rss_bytes)


def test_read_machine_used_bytes_is_part_of_the_machines_memory() -> None:
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0 < read_machine_used_bytes() < total


def test_read_peak_is_at_least_the_resident_size() -> None:
    assert read_peak(os.getpid()) >= this_process().rss_bytes - MIB
