"""Since when a kernel has been idle, and how fast it grows. Pure: instants are seconds of one monotonic clock."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from grad_runner.kernel.watchdog import GROWTH_WINDOW_SECONDS

BUSY_CPU_SHARE: Final = 0.05
"""A kernel whose processes use at least this share of one core is busy, also between executions: threads may work on."""
CPU_WINDOW_SECONDS: Final = 2.0
"""The share is taken over windows of at least this length, since the system counts CPU time in steps of 10 ms."""


@dataclass(slots=True)
class Activity:
    """A kernel is idle when it runs no execution and its whole process tree uses next to no CPU time."""

    _busy_at: float
    _executing: bool = False
    _window_began: float = 0.0
    _window_cpu_ms: int = 0

    @property
    def is_executing(self) -> bool:
        return self._executing

    def execution_started(self, now: float) -> None:
        self._executing = True
        self._busy_at = now

    def execution_ended(self, now: float) -> None:
        self._executing = False
        self._busy_at = now

    def used_cpu(self, cpu_ms: int, now: float) -> None:
        """`cpu_ms` is what the process tree has used since its start. To be called often, or the end of work is seen late."""
        seconds = now - self._window_began
        if seconds < CPU_WINDOW_SECONDS:
            return
        if cpu_ms - self._window_cpu_ms >= BUSY_CPU_SHARE * seconds * 1000:
            self._busy_at = max(self._busy_at, now)
        self._window_began, self._window_cpu_ms = now, cpu_ms

    def idle_seconds(self, now: float) -> float:
        """0 while it runs an execution."""
        return 0.0 if self._executing else max(0.0, now - self._busy_at)


@dataclass(slots=True)
class Growth:
    """By how much a kernel's processes have grown lately."""

    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def sampled(self, memory_bytes: int, now: float) -> None:
        self._samples.append((now, memory_bytes))
        # One sample from before the window stays: what was true when the window began.
        while len(self._samples) > 1 and self._samples[1][0] <= now - GROWTH_WINDOW_SECONDS:
            self._samples.popleft()

    @property
    def bytes(self) -> int:
        """The last sample less the smallest one in the window that ends with it."""
        if not self._samples:
            return 0
        return self._samples[-1][1] - min(size for _, size in self._samples)
