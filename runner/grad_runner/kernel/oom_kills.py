"""Kills by the system for lack of memory, as the component's control group counts them: which kernel's end was one of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

RECENT_SECONDS: Final = 3.0
"""For so long a kill explains the end of a kernel, and memory that is still used. Gigabytes take a second to come back."""


@dataclass(slots=True)
class OomKills:
    """`count` returns how many there were since the group was made; None where nobody counts them."""

    count: Callable[[], int | None]
    clock: Callable[[], float] = time.monotonic
    _counted: int | None = field(init=False)
    _unexplained: int = 0
    """Recent kills that are not known to have ended a kernel."""
    _at: float = 0.0
    """When the last one was noticed."""

    def __post_init__(self) -> None:
        self._counted = self.count()

    def is_recent(self) -> bool:
        """Whether the system has just killed a process: its memory may still be counted, although the process shows little."""
        self._look()
        return self._unexplained > 0

    def explains(self, *, signal: str | None, asked_for: bool, by_watchdog: bool) -> bool:
        """Whether the end of a kernel by `signal` was a kill by the system. Where a client had `asked_for` it, or the watchdog
        had begun to end it, it was not, and the kill remains for another kernel."""
        self._look()
        if signal != "KILL" or asked_for or by_watchdog or self._unexplained == 0:
            return False
        self._unexplained -= 1
        return True

    def _look(self) -> None:
        counted, now = self.count(), self.clock()
        if now - self._at > RECENT_SECONDS:
            self._unexplained = 0
        if counted is not None and self._counted is not None and counted > self._counted:
            self._unexplained += counted - self._counted
            self._at = now
        self._counted = counted
