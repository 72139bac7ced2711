from hypothesis import given
from hypothesis import strategies as st

from grad_runner.kernel.activity import Activity, Growth


def test_idle_seconds_counts_from_the_start_of_the_kernel() -> None:
    assert Activity(100.0).idle_seconds(107.0) == 7.0


def test_a_kernel_that_runs_an_execution_is_not_idle_however_long_it_sleeps() -> None:
    activity = Activity(0.0)
    activity.execution_started(10.0)
    assert activity.is_executing
    assert activity.idle_seconds(5000.0) == 0.0
    activity.execution_ended(6000.0)
    assert not activity.is_executing
    assert activity.idle_seconds(6001.0) == 1.0


def test_a_thread_that_works_between_executions_counts_from_five_percent_of_a_core() -> None:
    activity = Activity(0.0)
    activity.used_cpu(1000, now=100.0)  # begins the window
    activity.used_cpu(1099, now=102.0)
    assert activity.idle_seconds(102.0) == 102.0
    activity.used_cpu(1199, now=104.0)
    assert activity.idle_seconds(104.0) == 0.0
    activity.used_cpu(1199, now=106.0)
    assert activity.idle_seconds(106.0) == 2.0


def test_the_share_is_of_the_whole_window_however_long_it_was() -> None:
    for cpu_ms, idle_seconds in [(999, 120.0), (1000, 0.0)]:
        activity = Activity(0.0)
        activity.used_cpu(0, now=100.0)
        activity.used_cpu(cpu_ms, now=120.0)
        assert activity.idle_seconds(120.0) == idle_seconds


def test_used_cpu_waits_for_a_whole_window() -> None:
    activity = Activity(0.0)
    activity.used_cpu(0, now=100.0)
    for tenth in range(1, 20):  # 10 ms in one tenth of a second are a tick of the clock, not work
        activity.used_cpu(10, now=100.0 + tenth / 10)
    assert activity.idle_seconds(102.0) == 102.0


@given(st.lists(st.tuples(st.sampled_from(["start", "end", "cpu"]), st.floats(0, 100)), max_size=20))
def test_idle_seconds_is_never_negative_and_grows_with_time(steps: list[tuple[str, float]]) -> None:
    activity, now, cpu_ms = Activity(0.0), 0.0, 0
    for what, amount in steps:
        now += amount
        if what == "cpu":
            cpu_ms += int(amount * 40)
            activity.used_cpu(cpu_ms, now)
        elif what == "start":
            activity.execution_started(now)
        else:
            activity.execution_ended(now)
        assert 0 <= activity.idle_seconds(now) <= activity.idle_seconds(now + 1)


def test_growth_is_taken_over_two_seconds() -> None:
    growth = Growth()
    assert growth.bytes == 0
    for now, size in [(0.0, 100), (1.0, 150), (2.0, 300)]:
        growth.sampled(size, now)
    assert growth.bytes == 200
    growth.sampled(310, 3.0)
    assert growth.bytes == 160
    growth.sampled(310, 5.1)
    assert growth.bytes == 0


def test_growth_counts_from_the_smallest_size_in_the_window() -> None:
    growth = Growth()
    for now, size in [(0.0, 100), (1.0, 20), (1.5, 60)]:
        growth.sampled(size, now)
    assert growth.bytes == 40
