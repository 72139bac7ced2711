from hypothesis import given
from hypothesis import strategies as st

from grad_runner.common.backoff import Backoff


def test_failed_doubles_the_wait_up_to_the_maximum() -> None:
    backoff = Backoff(0.1, 5.0)
    assert [backoff.failed() for _ in range(8)] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_failed_begins_anew_exactly_after_a_steady_run() -> None:
    backoff = Backoff(1.0, 8.0, steady_seconds=10.0)
    assert [backoff.failed(ran) for ran in (0, 9.999, 10.0, 0)] == [1.0, 2.0, 1.0, 2.0]


def test_reset_begins_anew() -> None:
    backoff = Backoff(1.0, 8.0)
    backoff.failed()
    backoff.reset()
    assert backoff.failed() == 1.0


@given(st.floats(0.001, 10), st.floats(1, 10), st.lists(st.floats(0, 20)))
def test_failed_stays_between_first_and_maximum(first: float, factor: float, runs: list[float]) -> None:
    backoff = Backoff(first, first * factor)
    assert all(first <= backoff.failed(ran) <= first * factor for ran in runs)
