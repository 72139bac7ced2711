"""Holds of several holders over time."""

import pytest

from grad_runner.agent.code_holds import MAX_HOLD_SECONDS, CodeHolds
from grad_runner.common.errors import GradError


def is_held(holds: CodeHolds, now: float) -> bool:
    try:
        holds.require_none(now)
    except GradError as error:
        assert error.code == "runner_unavailable"
        return True
    return False


def test_a_hold_ends_by_itself_or_with_its_holder() -> None:
    holds = CodeHolds()
    assert not is_held(holds, 0)
    holds.hold("a", 60, 0)
    holds.hold("b", 10, 0)
    assert [is_held(holds, now) for now in (0, 59, 60)] == [True, True, False]
    holds.hold("a", 0, 5)
    assert [is_held(holds, now) for now in (9, 10)] == [True, False]
    # Again by the same holder, and ended twice.
    holds.hold("b", 60, 9)
    assert is_held(holds, 68)
    holds.hold("b", 0, 68)
    holds.hold("b", 0, 68)
    assert not is_held(holds, 68)


def test_no_hold_lasts_longer_than_five_minutes() -> None:
    holds = CodeHolds()
    holds.hold("a", 1e9, 0)
    assert [is_held(holds, MAX_HOLD_SECONDS - 1), is_held(holds, MAX_HOLD_SECONDS)] == [True, False]


@pytest.mark.parametrize("holder", ["", "x" * 65])
def test_a_holder_has_a_bounded_name(holder: str) -> None:
    with pytest.raises(GradError, match="64 characters"):
        CodeHolds().hold(holder, 1, 0)
