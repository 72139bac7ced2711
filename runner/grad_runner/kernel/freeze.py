"""Stopping every other process of the component for a moment, so that none of them runs or forks while they are looked at.

Code with hundreds of processes that run gets nearly all time of the processors: what takes the supervisor milliseconds would
take it a minute.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Final

MANY_PROCESSES: Final = 100
"""Up to so many the supervisor works fast enough without stopping anybody."""
CROWDED_PER_CPU: Final = 16
"""Tasks that want to run, for each processor: with more of them a turn comes late."""


def can_freeze() -> bool:
    """Only the first process of a pid namespace reaches all processes of the component and no others."""
    return os.getpid() == 1


def are_many() -> bool:
    """Whether there are more than MANY_PROCESSES in this pid namespace."""
    return sum(name.isdigit() for name in os.listdir("/proc")) > MANY_PROCESSES


def is_crowded() -> bool:
    """Whether the machine's processors have more to do than CROWDED_PER_CPU tasks each, at this moment."""
    with open("/proc/loadavg", "rb", buffering=0) as file:
        running = file.read(200).split()[3].partition(b"/")[0]
    return int(running) > CROWDED_PER_CPU * (os.cpu_count() or 1)


@dataclass(slots=True)
class Freezer:
    """Freezes nobody where `can` is false."""

    can: bool = field(default_factory=can_freeze)
    _is_frozen: bool = False

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """One call stops all, those that fork at that moment included; afterwards all that still live go on. May be nested."""
        if self._is_frozen or not self.can:
            yield
            return
        self._is_frozen = True
        _signal_all(signal.SIGSTOP)
        try:
            yield
        finally:
            self._is_frozen = False
            _signal_all(signal.SIGCONT)

    def frozen_if_crowded(self) -> AbstractContextManager[None]:
        """For a look at the processes that would take long."""
        return self.frozen() if self.can and is_crowded() and are_many() else nullcontext()

    def frozen_if_many(self) -> AbstractContextManager[None]:
        """For ending processes that may fork meanwhile."""
        return self.frozen() if self.can and are_many() else nullcontext()


def _signal_all(number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # there is nobody else
        os.kill(-1, number)
