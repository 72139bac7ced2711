"""When a kernel that nobody uses ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.sessions.idle import IdleKernel, KernelUse, next_check_ms, select_due, used_cpu

NOW = 1_000_000
HOUR = 3_600_000


def idle(*ages_ms: int) -> list[IdleKernel]:
    return [IdleKernel(f"s{n}", NOW - age) for n, age in enumerate(ages_ms)]


@pytest.mark.parametrize(
    ("ages_ms", "max_idle_ms", "want"),
    [
        ((), 10, []),
        ((9,), 10, []),
        ((10,), 10, ["s0"]),
        ((11, 30, 9, 20), 10, ["s1", "s3", "s0"]),
        ((0, HOUR), 0, []),  # 0 means never
    ],
)
def test_select_due_is_the_longest_idle_first(
    ages_ms: tuple[int, ...], max_idle_ms: int, want: list[str]
) -> None:
    assert [kernel.session for kernel in select_due(idle(*ages_ms), max_idle_ms, NOW)] == want


@given(st.lists(st.integers(0, 100)), st.integers(1, 100))
def test_next_check_is_when_the_next_one_is_due(ages_ms: list[int], max_idle_ms: int) -> None:
    kernels = idle(*ages_ms)
    due = select_due(kernels, max_idle_ms, NOW)
    rest = [kernel for kernel in kernels if kernel not in due]
    check = next_check_ms(rest, max_idle_ms, NOW)
    assert check > NOW
    assert select_due(rest, max_idle_ms, check - 1) == []
    assert bool(select_due(rest, max_idle_ms, check)) == bool(rest)


@pytest.mark.parametrize(
    ("cpu_ms", "idle_ms", "used"),
    [
        (0, 12 * HOUR, False),
        (10_000, 12 * HOUR, False),  # what an idle kernel takes
        (12 * HOUR // 20, 12 * HOUR, False),
        (12 * HOUR // 20 + 1, 12 * HOUR, True),
        (HOUR, 12 * HOUR, True),
    ],
)
def test_used_cpu_means_more_than_a_twentieth_of_a_core(cpu_ms: int, idle_ms: int, used: bool) -> None:
    assert used_cpu(cpu_ms, idle_ms) is used


MINUTE = 60_000


def test_a_kernel_that_computes_between_two_samples_is_in_use() -> None:
    use = KernelUse()
    assert use.is_due(NOW)
    assert not use.sample({"a": 500, "b": 0}, NOW)  # the first says nothing about the time before
    assert not use.is_due(NOW + MINUTE - 1)
    assert use.is_due(NOW + MINUTE)
    assert use.sample({"a": 500 + MINUTE // 10, "b": 0}, NOW + MINUTE)
    assert not use.sample({"a": 500 + MINUTE // 10, "b": MINUTE // 100}, NOW + 2 * MINUTE)
    # One that is new has run code, which is noted by itself; one that has ended is forgotten.
    assert not use.sample({"c": HOUR}, NOW + 3 * MINUTE)
