import pytest

from grad_runner.kernel.watchdog import End, Limits, Usage, Verdict, blame_cgroup, judge, threshold_bytes

MIB = 1024 * 1024
MEMORY = Limits(memory_bytes=1024 * MIB)  # acts at 992 MiB


def tree(kernel: str, lower: int, upper: int, exact: int | None = None, tasks: int = 1) -> Usage:
    return Usage(kernel, lower * MIB, upper * MIB, None if exact is None else exact * MIB, tasks)


CASES: list[tuple[str, list[Usage], int, Limits, Verdict]] = [
    ("nothing runs", [], 2000, MEMORY, "fine"),
    ("no limits", [tree("a", 5000, 5000)], 0, Limits(), "fine"),
    ("surely under", [tree("a", 100, 400), tree("b", 100, 400)], 100, MEMORY, "fine"),
    (
        "surely over: the larger one",
        [tree("a", 300, 400), tree("b", 700, 800)],
        0,
        MEMORY,
        End("b", "memory"),
    ),
    ("unknown", [tree("a", 100, 600), tree("b", 100, 600)], 0, MEMORY, "measure"),
    ("measured and under", [tree("a", 100, 600, 200), tree("b", 100, 600, 300)], 0, MEMORY, "fine"),
    ("measured and over", [tree("a", 100, 600, 550), tree("b", 90, 600, 500)], 0, MEMORY, End("a", "memory")),
    ("what cannot be ended counts", [tree("a", 100, 100)], 950, MEMORY, End("a", "memory")),
    ("tasks at the limit", [tree("a", 0, 0, tasks=9)], 0, Limits(max_tasks=10), "fine"),
    (
        "tasks over it",
        [tree("a", 0, 0, tasks=9), tree("b", 0, 0)],
        0,
        Limits(max_tasks=10),
        End("a", "tasks"),
    ),
]


@pytest.mark.parametrize(("name", "trees", "base", "limits", "want"), CASES, ids=[case[0] for case in CASES])
def test_judge(name: str, trees: list[Usage], base: int, limits: Limits, want: Verdict) -> None:
    assert judge(trees, base * MIB, 1, limits) == want


@pytest.mark.parametrize(("limit", "reserve"), [(256, 16), (2048, 64), (64 * 1024, 256)])
def test_threshold_bytes_leaves_a_bounded_reserve(limit: int, reserve: int) -> None:
    assert threshold_bytes(limit * MIB) == (limit - reserve) * MIB


def test_blame_cgroup_needs_a_kill_that_nobody_asked_for_and_a_new_count() -> None:
    assert blame_cgroup("KILL", False, 1, 2)
    assert not blame_cgroup("KILL", True, 1, 2)
    assert not blame_cgroup("SEGV", False, 1, 2)
    assert not blame_cgroup("KILL", False, 2, 2)
    assert not blame_cgroup("KILL", False, None, None)
