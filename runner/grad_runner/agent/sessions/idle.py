"""When a session's kernel ends because nobody has used it for long. No I/O; instants are milliseconds of one clock that
stands still while the machine is suspended: a laptop that sleeps overnight does not lose its variables."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_BUSY_CPU_SHARE: Final = 0.05
"""Of one core, on average since the last execution: a kernel above it works in a background thread and is in use."""


@dataclass(frozen=True, slots=True)
class IdleKernel:
    """A kernel without an execution that runs or waits, since `since_ms`."""

    session: str
    since_ms: int


def select_due(idle: Iterable[IdleKernel], max_idle_ms: int, now_ms: int) -> list[IdleKernel]:
    """Those that have been idle for `max_idle_ms` or longer, longest idle first. None when `max_idle_ms` is 0."""
    if max_idle_ms == 0:
        return []
    due = [kernel for kernel in idle if now_ms - kernel.since_ms >= max_idle_ms]
    return sorted(due, key=lambda kernel: (kernel.since_ms, kernel.session))


def next_check_ms(idle: Iterable[IdleKernel], max_idle_ms: int, now_ms: int) -> int:
    """When `select_due` can next answer something new: a kernel that becomes idle later is due later."""
    return min((kernel.since_ms for kernel in idle), default=now_ms) + max_idle_ms


def used_cpu(cpu_ms: int, idle_ms: int) -> bool:
    """Whether `cpu_ms` of CPU time within `idle_ms` means that the kernel is in use without an execution."""
    return cpu_ms > idle_ms * _BUSY_CPU_SHARE
