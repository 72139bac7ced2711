"""What happens to kernels that an earlier agent left."""

import pytest

from grad_runner.agent.sessions.recovery import RecoveryPlan, plan_recovery


@pytest.mark.parametrize(
    ("owned", "interrupted", "existing", "want"),
    [
        ({}, {}, set(), RecoveryPlan({}, set())),
        ({"a": "k1"}, {}, {"k1"}, RecoveryPlan({"a": "k1"}, set())),
        ({"a": "k1"}, {"a": "k1"}, {"k1"}, RecoveryPlan({"a": "k1"}, set())),
        # the kernel is gone
        ({"a": "k1"}, {"a": "k1"}, set(), RecoveryPlan({}, set())),
        # the session has another kernel than the execution was sent to
        ({"a": "k2"}, {"a": "k1"}, {"k2"}, RecoveryPlan({}, set())),
        # kernels of nobody
        ({"a": "k1"}, {}, {"k1", "k0", "k9"}, RecoveryPlan({"a": "k1"}, {"k0", "k9"})),
        # two sessions do not share
        ({"a": "k1", "b": "k2"}, {"b": "k2"}, {"k1", "k2"}, RecoveryPlan({"a": "k1", "b": "k2"}, set())),
    ],
)
def test_plan_recovery(
    owned: dict[str, str], interrupted: dict[str, str], existing: set[str], want: RecoveryPlan
) -> None:
    assert plan_recovery(owned, interrupted, existing) == want
