"""The watchdog acts when a limit is passed, and not when it is reached: to the byte and to the task."""

import pytest

from grad_runner.kernel.watchdog import End, Limits, Usage, Verdict, blame_cgroup, judge, threshold_bytes

MIB = 1024 * 1024
MEMORY = Limits(memory_bytes=1024 * MIB)
ROOM = threshold_bytes(MEMORY.memory_bytes)


def tree(kernel: str, lower: int, upper: int, exact: int | None = None, tasks: int = 1) -> Usage:
    return Usage(kernel, lower, upper, exact, tasks)


CASES: list[tuple[str, Usage, int, Verdict]] = [
    ("the upper bound at the threshold is fine", tree("a", 0, ROOM), 0, "fine"),
    ("one byte over it is measured", tree("a", 0, ROOM + 1), 0, "measure"),
    ("the lower bound at the threshold is measured", tree("a", ROOM, ROOM + 1), 0, "measure"),
    ("one byte over it is ended", tree("a", ROOM + 1, ROOM + 1), 0, End("a", "memory")),
    ("measured at the threshold is fine", tree("a", 0, ROOM + 9, ROOM), 0, "fine"),
    ("measured one byte over it is ended", tree("a", 0, ROOM + 9, ROOM + 1), 0, End("a", "memory")),
    ("what cannot be ended takes from the threshold", tree("a", 0, ROOM - 7), 7, "fine"),
    ("and counts to the byte", tree("a", 0, ROOM - 6), 7, "measure"),
]


@pytest.mark.parametrize(("name", "usage", "base", "want"), CASES, ids=[case[0] for case in CASES])
def test_judge_compares_memory_to_the_byte(name: str, usage: Usage, base: int, want: Verdict) -> None:
    assert judge([usage], base, 0, MEMORY) == want


def test_judge_compares_tasks_to_the_task() -> None:
    limits = Limits(max_tasks=10)
    trees = [tree("a", 0, 0, tasks=3), tree("b", 0, 0, tasks=4)]
    assert judge(trees, 0, 3, limits) == "fine"
    assert judge(trees, 0, 4, limits) == End("b", "tasks")
    assert judge([], 0, 11, limits) == "fine"


def test_judge_ends_the_largest_by_its_exact_size_where_that_is_known() -> None:
    trees = [tree("a", ROOM, ROOM, exact=1), tree("b", 2, ROOM, exact=2), tree("c", 3, ROOM)]
    assert judge(trees, 0, 0, MEMORY) == End("c", "memory")


def test_threshold_bytes_leaves_at_least_16_and_at_most_256_mib() -> None:
    for limit, reserve in [(512, 16), (544, 17), (8192, 256), (8224, 256)]:
        assert threshold_bytes(limit * MIB) == (limit - reserve) * MIB


def test_blame_cgroup_needs_a_count_before() -> None:
    assert not blame_cgroup("KILL", False, None, 2)
    assert not blame_cgroup("KILL", False, 1, None)
    assert not blame_cgroup(None, False, 1, 2)
    assert blame_cgroup("KILL", False, 0, 1)
