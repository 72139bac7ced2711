import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.kernel.watchdog import (
    MIN_IDLE_SECONDS,
    End,
    Tree,
    end_for_memory,
    end_for_tasks,
    threshold_bytes,
)

MIB = 1024 * 1024


def running(kernel: str, size: int, *, grown: int = 0, tasks: int = 1, idle: float = 0.0) -> Tree:
    return Tree(kernel, size, tasks, idle, grown)


def idle(kernel: str, size: int, seconds: float = 60.0) -> Tree:
    return Tree(kernel, size, 1, seconds)


MEMORY_CASES: list[tuple[str, list[Tree], int, list[End]]] = [
    ("nothing to end", [], 1, []),
    ("the largest that runs", [running("a", 5), running("b", 7)], 1, [End("b", "memory")]),
    (
        "an idle one before a larger that runs",
        [running("a", 50), idle("b", 7)],
        1,
        [End("b", "eviction")],
    ),
    (
        "the longest idle first",
        [idle("a", 9, 60), idle("b", 3, 61), running("c", 50)],
        3,
        [End("b", "eviction")],
    ),
    (
        "as many as it takes",
        [idle("a", 9, 60), idle("b", 3, 61), idle("c", 9, 59)],
        4,
        [End("b", "eviction"), End("a", "eviction")],
    ),
    (
        "all idle ones where nothing runs, although it is not enough",
        [idle("a", 2, 60), idle("b", 3, 61)],
        9,
        [End("b", "eviction"), End("a", "eviction")],
    ),
    (
        "no idle one where all of them are not enough",
        [idle("a", 5), running("b", 50), running("c", 20)],
        6,
        [End("b", "memory")],
    ),
    ("idle ones that are just enough", [idle("a", 5), running("b", 50)], 5, [End("a", "eviction")]),
    (
        "a kernel that grows faster than idle ones can give",
        [idle("a", 5), running("b", 50, grown=6)],
        1,
        [End("b", "memory")],
    ),
    (
        "idle ones for a kernel that grows slower",
        [idle("a", 5), running("b", 50, grown=5)],
        1,
        [End("a", "eviction")],
    ),
    (
        "the growth of an idle one does not count",
        [Tree("a", 5, 1, 60, 99), running("b", 50)],
        1,
        [End("a", "eviction")],
    ),
    (
        "busy a moment ago counts as running",
        [running("a", 5, idle=MIN_IDLE_SECONDS - 0.1), running("b", 7)],
        1,
        [End("b", "memory")],
    ),
    (
        "idle from the bound on, and then not running",
        [idle("a", 5, MIN_IDLE_SECONDS)],
        9,
        [End("a", "eviction")],
    ),
    (
        "idle from the bound on",
        [idle("a", 5, MIN_IDLE_SECONDS), running("b", 7)],
        1,
        [End("a", "eviction")],
    ),
]


@pytest.mark.parametrize(
    ("name", "trees", "excess", "want"), MEMORY_CASES, ids=[case[0] for case in MEMORY_CASES]
)
def test_end_for_memory(name: str, trees: list[Tree], excess: int, want: list[End]) -> None:
    assert end_for_memory(trees, excess) == want


TREES = st.lists(
    st.builds(
        Tree,
        st.uuids().map(str),
        st.integers(0, 1000),
        st.integers(1, 9),
        st.one_of(st.just(0.0), st.floats(0, 1000)),
        st.integers(0, 1000),
    ),
    max_size=12,
    unique_by=lambda tree: tree.kernel,
)


@given(TREES, st.integers(1, 3000))
def test_end_for_memory_ends_idle_kernels_in_order_or_one_that_runs(trees: list[Tree], excess: int) -> None:
    ends = end_for_memory(trees, excess)
    by_name = {tree.kernel: tree for tree in trees}
    ended = [by_name[end.kernel] for end in ends]
    if not trees:
        assert ends == []
    elif ends[0].cause == "memory":
        assert len(ends) == 1
        assert ended[0].idle_seconds < MIN_IDLE_SECONDS
        assert ended[0].memory_bytes == max(
            tree.memory_bytes for tree in trees if tree.idle_seconds < MIN_IDLE_SECONDS
        )
    else:
        spared = [tree for tree in trees if tree not in ended and tree.idle_seconds >= MIN_IDLE_SECONDS]
        assert {end.cause for end in ends} == {"eviction"}
        assert all(tree.idle_seconds >= MIN_IDLE_SECONDS for tree in ended)
        assert ended == sorted(ended, key=lambda tree: -tree.idle_seconds)
        assert all(tree.idle_seconds <= ended[-1].idle_seconds for tree in spared)
        # None is ended without need.
        assert sum(tree.memory_bytes for tree in ended[:-1]) < excess
        assert not spared or sum(tree.memory_bytes for tree in ended) >= excess


@pytest.mark.parametrize(
    ("trees", "base", "limit", "want"),
    [
        ([running("a", 0, tasks=9)], 1, 10, []),
        ([running("a", 0, tasks=9), running("b", 0)], 1, 10, [End("a", "tasks")]),
        ([running("a", 0), idle("b", 0), running("c", 0, tasks=2)], 7, 10, [End("c", "tasks")]),
        ([running("a", 0, tasks=9)], 1, 0, []),
        ([], 11, 10, []),
    ],
    ids=["at the limit", "over it", "idle or not", "no limit", "nothing to end"],
)
def test_end_for_tasks(trees: list[Tree], base: int, limit: int, want: list[End]) -> None:
    assert end_for_tasks(trees, base, limit) == want


@pytest.mark.parametrize(
    ("limit", "reserve"),
    [(256, 16), (512, 16), (513, 513 / 32), (2048, 64), (8192, 256), (8193, 256), (64 * 1024, 256)],
)
def test_threshold_bytes_leaves_a_bounded_reserve(limit: int, reserve: float) -> None:
    assert threshold_bytes(limit * MIB) == (limit - reserve) * MIB
