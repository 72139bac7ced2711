"""The watchdog acts when a limit is passed, and not when it is reached: to the byte, the task and the second."""

import pytest

from grad_runner.kernel.watchdog import (
    MIN_IDLE_SECONDS,
    End,
    Tree,
    end_for_memory,
    end_for_tasks,
    ended_by_system,
    threshold_bytes,
)

MIB = 1024 * 1024
JUST_RUNNING = MIN_IDLE_SECONDS - 0.001


def test_end_for_tasks_compares_to_the_task() -> None:
    trees = [Tree("a", 0, 3), Tree("b", 0, 4)]
    assert end_for_tasks(trees, 3, 10) == []
    assert end_for_tasks(trees, 4, 10) == [End("b", "tasks")]
    assert end_for_tasks(trees, 4, 0) == []
    assert end_for_tasks([], 11, 10) == []


def test_threshold_bytes_leaves_at_least_16_and_at_most_256_mib() -> None:
    for limit, reserve in [(256, 16), (512, 16), (544, 17), (2048, 64), (8192, 256), (8224, 256)]:
        assert threshold_bytes(limit * MIB) == (limit - reserve) * MIB


@pytest.mark.parametrize(
    ("name", "trees", "excess", "want"),
    [
        ("nobody is there", [], 1, []),
        ("idle to the second", [Tree("a", 9, 1, MIN_IDLE_SECONDS)], 1, [End("a", "eviction")]),
        ("not idle to the second", [Tree("a", 9, 1, JUST_RUNNING)], 1, [End("a", "memory")]),
        (
            "idle ones hold exactly what is wanted",
            [Tree("run", 100, 1), Tree("idle", 9, 1, 60)],
            9,
            [End("idle", "eviction")],
        ),
        (
            "idle ones hold one byte less",
            [Tree("run", 100, 1), Tree("idle", 9, 1, 60)],
            10,
            [End("run", "memory")],
        ),
        (
            "a running one has grown by what the idle ones hold",
            [Tree("run", 100, 1, grown_bytes=9), Tree("idle", 9, 1, 60)],
            1,
            [End("idle", "eviction")],
        ),
        (
            "a running one has grown by one byte more",
            [Tree("run", 100, 1, grown_bytes=10), Tree("idle", 9, 1, 60)],
            1,
            [End("run", "memory")],
        ),
        (
            "growth of an idle one is none",
            [Tree("run", 100, 1), Tree("idle", 9, 1, 60, grown_bytes=100)],
            1,
            [End("idle", "eviction")],
        ),
        (
            "the longest idle first, and no more than it takes",
            [Tree("a", 5, 1, 10), Tree("b", 5, 1, 30), Tree("c", 5, 1, 20)],
            10,
            [End("b", "eviction"), End("c", "eviction")],
        ),
        (
            "one byte more takes one kernel more",
            [Tree("a", 5, 1, 10), Tree("b", 5, 1, 30), Tree("c", 5, 1, 20)],
            11,
            [End("b", "eviction"), End("c", "eviction"), End("a", "eviction")],
        ),
        (
            "without running ones the idle ones go, even if that is not enough",
            [Tree("a", 5, 1, 10)],
            100,
            [End("a", "eviction")],
        ),
        (
            "the largest of those that run",
            [Tree("a", 5, 9), Tree("b", 6, 1), Tree("c", 4, 1)],
            1,
            [End("b", "memory")],
        ),
    ],
)
def test_end_for_memory(name: str, trees: list[Tree], excess: int, want: list[End]) -> None:
    assert end_for_memory(trees, excess) == want


def test_ended_by_system_needs_a_kill_that_nobody_asked_for_and_a_count_that_grew() -> None:
    assert ended_by_system("KILL", False, 0, 1)
    assert not ended_by_system("KILL", True, 0, 1)
    assert not ended_by_system("TERM", False, 0, 1)
    assert not ended_by_system(None, False, 0, 1)
    assert not ended_by_system("KILL", False, 1, 1)
    assert not ended_by_system("KILL", False, None, 2)
    assert not ended_by_system("KILL", False, 1, None)
