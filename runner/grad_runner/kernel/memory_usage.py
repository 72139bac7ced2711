"""Whether the component uses more memory than it may, found out with as little reading as decides it."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from grad_runner.kernel.cgroup import MemoryCgroup
from grad_runner.kernel.memory_estimate import Footprint, MemoryEstimate
from grad_runner.kernel.process_memory import read_anonymous_bytes, read_footprint
from grad_runner.kernel.process_table import Process
from grad_runner.kernel.shared_memory import SharedMemory
from grad_runner.kernel.watchdog import threshold_bytes

_MAX_CPU_SHARE: Final = 0.1
"""Of one core, for measuring everything again and again while the figures stay close to the limit."""


@dataclass(slots=True)
class MemoryUsage:
    """`limit_bytes` 0 means none. With `cgroup` its figures serve; else processes are counted."""

    limit_bytes: int
    cgroup: MemoryCgroup | None = None
    measure: Callable[[Process], Footprint] = read_footprint
    anonymous_bytes: Callable[[int], int] = read_anonymous_bytes
    clock: Callable[[], float] = time.monotonic
    shared: SharedMemory = field(default_factory=SharedMemory)
    _estimate: MemoryEstimate = field(default_factory=MemoryEstimate)
    _measure_all_after: float = 0.0

    def excess_bytes(
        self, trees: Mapping[str, list[Process]], base: list[Process], inherited: Mapping[str, int]
    ) -> int:
        """By how much the processes exceed the threshold; 0 while they do not.

        `base` is supervisor and launcher; `inherited` is the launcher's size when it forked each kernel (0 if it did not).
        """
        limit_bytes = self._limit_bytes()
        if not limit_bytes or not trees:
            return 0
        threshold = threshold_bytes(limit_bytes)
        if self.cgroup is not None and (used := self.cgroup.used_bytes()) is not None:
            return max(0, used - threshold)
        groups = [base, *trees.values()]
        # Cases: certainly below; certainly above; known after the processes that changed were measured; known after all were.
        in_folders = self.shared.folder_bytes()
        if self._estimate.upper_bytes(groups) + in_folders + self.shared.upper_bytes() <= threshold:
            return 0
        at_least = in_folders + sum(self.anonymous_bytes(process.pid) for process in base)
        at_least += sum(self._least_bytes(trees, inherited).values())
        if at_least > threshold:
            return at_least - threshold
        self._record({*base, *self._estimate.changed(trees.values())}, groups)
        self.shared.scan(process for tree in trees.values() for process in tree)
        in_files = in_folders + self.shared.upper_bytes()
        upper = self._estimate.upper_bytes(groups) + in_files
        unsure = upper - self._estimate.released_bytes <= threshold and self.clock() < self._measure_all_after
        if upper <= threshold or unsure:
            return 0
        self._measure_all(groups)
        return max(0, self._estimate.upper_bytes(groups) + in_files - threshold)

    def tree_bytes(
        self, trees: Mapping[str, list[Process]], base: list[Process], inherited: Mapping[str, int]
    ) -> dict[str, int]:
        """What each tree uses. Nothing is measured where one of them clearly uses most: it may be growing fast."""
        least = self._least_bytes(trees, inherited)
        if max(least.values(), default=0) > self._limit_bytes() // 2:
            return least
        groups = [base, *trees.values()]
        if self._estimate.changed(groups):
            self._measure_all(groups)
        return {
            name: sum(
                self._estimate.footprint(process).proportional_bytes + self.shared.held_bytes(process)
                for process in processes
            )
            for name, processes in trees.items()
        }

    def _least_bytes(
        self, trees: Mapping[str, list[Process]], inherited: Mapping[str, int]
    ) -> dict[str, int]:
        """What each tree uses for certain. Children of a fork share with their parent, so only the largest process counts."""
        return {
            name: max(max(0, self.anonymous_bytes(process.pid) - inherited[name]) for process in processes)
            for name, processes in trees.items()
        }

    def _limit_bytes(self) -> int:
        of_cgroup = 0 if self.cgroup is None else self.cgroup.limit_bytes()
        return min(filter(None, (self.limit_bytes, of_cgroup)), default=0)

    def _measure_all(self, groups: list[list[Process]]) -> None:
        began = self.clock()
        self._record([process for group in groups for process in group], groups)
        ended = self.clock()
        self._measure_all_after = ended + (ended - began) / _MAX_CPU_SHARE

    def _record(self, processes: Iterable[Process], groups: list[list[Process]]) -> None:
        self._estimate.record({process: self.measure(process) for process in processes}, groups)
