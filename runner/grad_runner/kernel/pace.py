"""How often the monitor reads the table of processes. Pure: instants are seconds of one monotonic clock.

While kernels take memory the table is read twenty times a second. While nothing happens it is read every two seconds, and
between these times only two small files are, which show whether something happens after all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from grad_runner.kernel.process_table import PAGE_BYTES, Process

BUSY_PAUSE_S: Final = 0.05
IDLE_PAUSE_S: Final = 0.25
"""Between two glances, or two probes while nothing changes."""
BUSY_FOR_S: Final = 2.0
"""A change of memory or of processes makes the next probes frequent for so long."""
IDLE_PROBE_EVERY_S: Final = 2.0
CHANGE_BYTES: Final = 1024 * 1024
"""What processes must have taken between two probes to count as a change; an idle kernel has a page fault now and then."""
MAX_CPU_SHARE: Final = 0.1
"""Of one core, for probes that follow each other: a probe of many processes waits longer for the next one."""
GROWTH_BYTES: Final = 32 * 1024 * 1024
"""Memory that was taken since the last probe makes a probe due, unless MAX_IDLE_CPU_SHARE forbids it: without a control group
of its own the component sees the memory of the whole machine, and other programs use that, too."""
MAX_IDLE_CPU_SHARE: Final = 0.01
URGENT_GROWTH_BYTES: Final = 256 * 1024 * 1024
"""This much, the largest reserve of the watchdog, makes a probe due in any case."""


MemoryFigures: TypeAlias = Mapping[tuple[int, int], Process]
"""Processes by their identity."""


def has_taken_memory(before: MemoryFigures, now: MemoryFigures) -> bool:
    """Whether the processes may have taken CHANGE_BYTES together. Pages count that were added or, at the same resident size, had
    a fault: a copy of a shared page takes memory, too."""
    taken = 0
    for identity, process in now.items():
        known = before.get(identity)
        if known is None:
            taken += process.rss_bytes
        else:
            taken += max(0, process.rss_bytes - known.rss_bytes)
            taken += (process.faults - known.faults) * PAGE_BYTES
    return taken >= CHANGE_BYTES


@dataclass(frozen=True, slots=True)
class Glance:
    """What can be read at next to no cost: the newest pid of the namespace, and how much memory is in use where the
    component runs (its control group, or the machine)."""

    newest_pid: bytes
    used_bytes: int


@dataclass(slots=True)
class Pace:
    """Call `probed` after each probe of the table; then wait for `pause_s` and ask `is_due`."""

    _busy_until: float = 0.0
    _probed_at: float = 0.0
    _cost_s: float = 0.0
    _at_probe: Glance = Glance(b"", 0)

    def probed(self, glance: Glance, *, began: float, ended: float, changed: bool) -> None:
        """`glance` is from before the probe; `changed`: some process is new or took memory since the probe before."""
        if changed:
            self._busy_until = began + BUSY_FOR_S
        self._probed_at = began
        self._cost_s = ended - began
        self._at_probe = glance

    @property
    def used_bytes_at_probe(self) -> int:
        return self._at_probe.used_bytes

    def pause_s(self, now: float) -> float:
        """How long to wait before asking `is_due`."""
        pause = BUSY_PAUSE_S if now < self._busy_until else IDLE_PAUSE_S
        # A fork bomb makes probes slow, and yet must be seen soon.
        return max(pause, min(IDLE_PAUSE_S, self._cost_s / MAX_CPU_SHARE))

    def is_due(self, glance: Glance, now: float) -> bool:
        """Whether to probe now."""
        growth_bytes = glance.used_bytes - self._at_probe.used_bytes
        growth_after_s = self._cost_s / MAX_IDLE_CPU_SHARE
        return (
            now < self._busy_until
            or now - self._probed_at >= IDLE_PROBE_EVERY_S
            or glance.newest_pid != self._at_probe.newest_pid
            or growth_bytes >= URGENT_GROWTH_BYTES
            or (growth_bytes >= GROWTH_BYTES and now - self._probed_at >= growth_after_s)
        )
