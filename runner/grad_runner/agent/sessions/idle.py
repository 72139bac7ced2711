"""When a session's kernel ends because nobody has used it for long. No I/O; instants are milliseconds of one clock that
stands still while the machine is suspended: a laptop that sleeps overnight does not lose its variables."""

from collections.abc import Iterable, Mapping
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


_WINDOW_MS: Final = 60_000
"""The shortest time over which the CPU time of kernels is compared: a shorter one would show every garbage collection."""


class KernelUse:
    """Whether kernels work while nobody runs code in them, from samples of their CPU time."""

    def __init__(self) -> None:
        self._cpu_ms: Mapping[str, int] = {}
        self._sampled_ms: int | None = None

    def is_due(self, now_ms: int) -> bool:
        """Whether the next sample may be taken."""
        return self._sampled_ms is None or now_ms - self._sampled_ms >= _WINDOW_MS

    def sample(self, cpu_ms: Mapping[str, int], now_ms: int) -> bool:
        """Takes the CPU time of every kernel by its id; True when one was in use since the sample before."""
        window_ms = 0 if self._sampled_ms is None else now_ms - self._sampled_ms
        before, self._cpu_ms, self._sampled_ms = self._cpu_ms, cpu_ms, now_ms
        # A kernel that was not there before has run code since: that is activity by itself.
        return any(
            used_cpu(used - before[kernel], window_ms) for kernel, used in cpu_ms.items() if kernel in before
        )
