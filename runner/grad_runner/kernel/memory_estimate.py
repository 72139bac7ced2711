"""How much physical memory processes use together, at little cost. Pure: what is read of /proc comes in as values.

Forked kernels share pages, so the sum of resident sizes is up to ten times too high. Proportional sizes (PSS: each shared page
divided by the number of processes that map it) add up to the memory in use, but reading one takes about a millisecond per
kernel or per GB. A process that has had no page fault since it was measured cannot have taken more memory, so its old figure
is used again, and only what changed is measured.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from grad_runner.kernel.process_table import Process

Group: TypeAlias = Sequence[Process]
"""The processes of one kernel's tree: only below a common ancestor in a group do processes fork from each other."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Proportional size of a process, and the part of it that no other process maps; both 0 for an ended process."""

    proportional_bytes: int = 0
    private_bytes: int = 0

    @property
    def shared_bytes(self) -> int:
        return self.proportional_bytes - self.private_bytes


@dataclass(frozen=True, slots=True)
class _Measured:
    faults: int
    rss_bytes: int
    footprint: Footprint

    def is_current(self, process: Process) -> bool:
        return (self.faults, self.rss_bytes) == (process.faults, process.rss_bytes)


@dataclass(slots=True)
class MemoryEstimate:
    """An upper bound of the memory that all processes use together: never too low, and exact after everything was measured.

    Between two measurements of everything, the share of a page that one process no longer maps is added to the others that
    do. It was in the shared part of that process's last footprint, so `_released_bytes` adds up those parts.
    """

    _measured: dict[tuple[int, int], _Measured] = field(default_factory=dict)
    _released_bytes: int = 0

    def upper_bytes(self, groups: Iterable[Group]) -> int:
        """The bound by what is known: resident size for a process that changed, which is never less than the proportional."""
        total = self._released_bytes
        unseen = dict(self._measured)
        for process in (process for group in groups for process in group):
            known = unseen.pop(process.identity, None)
            if known is not None and known.is_current(process):
                total += known.footprint.proportional_bytes
            else:
                total += process.rss_bytes + (0 if known is None else known.footprint.shared_bytes)
        return total + sum(known.footprint.shared_bytes for known in unseen.values())

    def changed(self, groups: Iterable[Group]) -> list[Process]:
        """What to measure next: every process of each group in which some process is new or had page faults.

        The whole group, because a fork turns private pages of an unchanged process into shared ones.
        """
        return [
            process
            for group in groups
            if not all(self._is_current(process) for process in group)
            for process in group
        ]

    def record(self, footprints: Mapping[Process, Footprint], groups: Iterable[Group]) -> None:
        """Takes in a measurement of `changed(groups)`, or of everything in `groups`, which makes the bound exact."""
        present = {process.identity: process for group in groups for process in group}
        released = 0
        for identity, known in list(self._measured.items()):
            if identity not in present or present[identity] in footprints:
                released += known.footprint.shared_bytes
                del self._measured[identity]
        self._released_bytes += released
        for process, footprint in footprints.items():
            self._measured[process.identity] = _Measured(process.faults, process.rss_bytes, footprint)
        if len(footprints) >= len(present):
            self._released_bytes = 0

    @property
    def released_bytes(self) -> int:
        """By how much the bound may be too high once everything that changed was measured."""
        return self._released_bytes

    def footprint(self, process: Process) -> Footprint:
        """The last one that was measured; zeros where there is none."""
        known = self._measured.get(process.identity)
        return Footprint() if known is None else known.footprint

    def _is_current(self, process: Process) -> bool:
        known = self._measured.get(process.identity)
        return known is not None and known.is_current(process)
