"""What an agent that was started again does with the kernels that the agent before it left. Decides only; the registry acts."""

from collections.abc import Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    adopt: Mapping[str, str]
    """Session to the id of the kernel that it goes on with."""
    orphans: Set[str]
    """Kernels that no session owns: they are removed."""


def plan_recovery(
    owned: Mapping[str, str], interrupted: Mapping[str, str], existing: Set[str]
) -> RecoveryPlan:
    """`owned`: session to the kernel that it had when the last agent ended. `interrupted`: session to the kernel that its
    unfinished execution was sent to. `existing`: ids of the kernels that the supervisor lists.

    A session does not adopt a kernel other than its unfinished execution's: what that kernel has done would be unknown.
    """
    adopt = {
        session: kernel
        for session, kernel in owned.items()
        if kernel in existing and interrupted.get(session, kernel) == kernel
    }
    return RecoveryPlan(adopt, existing - set(owned.values()))
