"""How often the monitor reads the table of processes. Pure: instants are seconds of one monotonic clock.

While kernels take memory the table is read twenty times a second. While nothing happens it is read every two seconds, and
between these times only two small files are, which show whether something happens after all.
"""

from dataclasses import dataclass
from typing import Final

BUSY_PAUSE_S: Final = 0.05
IDLE_PAUSE_S: Final = 0.25
"""Between two glances, or two probes while nothing changes."""
BUSY_FOR_S: Final = 2.0
"""A change of memory or of processes makes the next probes frequent for so long."""
IDLE_PROBE_EVERY_S: Final = 2.0
MAX_CPU_SHARE: Final = 0.1
"""Of one core, for probes that follow each other: a probe of many processes waits longer for the next one."""
GROWTH_BYTES: Final = 32 * 1024 * 1024
"""What memory must have been taken for a glance to lead to a probe: more than idle processes take, less than the reserve."""


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

    def pause_s(self, now: float) -> float:
        """How long to wait before asking `is_due`."""
        pause = BUSY_PAUSE_S if now < self._busy_until else IDLE_PAUSE_S
        # A fork bomb makes probes slow, and yet must be seen soon.
        return max(pause, min(IDLE_PAUSE_S, self._cost_s / MAX_CPU_SHARE))

    def is_due(self, glance: Glance, now: float) -> bool:
        """Whether to probe now."""
        return (
            now < self._busy_until
            or now - self._probed_at >= IDLE_PROBE_EVERY_S
            or glance.newest_pid != self._at_probe.newest_pid
            or glance.used_bytes - self._at_probe.used_bytes >= GROWTH_BYTES
        )
