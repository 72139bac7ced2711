"""The bound on processes and threads that the system itself keeps, below which the watchdog's own limit lies.

RLIMIT_NPROC counts the tasks of a user in its user namespace (since Linux 5.14), so it serves only where the component has one of
its own: elsewhere, also in a pod, it would count programs that have nothing to do with the component.
"""

import resource
from typing import Final

SUPERVISOR_ROOM: Final = 64
"""Tasks beyond the bound that supervisor and launcher may still start, while code holds all that it can have."""


def bound_for(max_tasks: int) -> int:
    """What code can have at all, when the watchdog ends the kernel with most tasks at more than `max_tasks` together: some more,
    so that it sees them."""
    return max_tasks + max(16, max_tasks // 8)


def bound_tasks(tasks: int) -> None:
    """This process and its descendants get errors (EAGAIN) from fork and clone while its user has `tasks` in this namespace;
    0 for no bound. A lower bound that is set already stays."""
    if not tasks:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    limit = tasks if hard == resource.RLIM_INFINITY else min(tasks, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
