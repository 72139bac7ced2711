"""Measures the kernels' process trees, and ends those that the watchdog names."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from grad_runner.kernel.freeze import Freezer
from grad_runner.kernel.kernels import Kernel
from grad_runner.kernel.memory_usage import MemoryUsage
from grad_runner.kernel.pace import BUSY_PAUSE_S, GROWTH_BYTES, Glance, Pace, has_taken_memory
from grad_runner.kernel.process_memory import read_machine_used_bytes, read_peak, reset_peak
from grad_runner.kernel.process_table import (
    STRAY,
    Process,
    attribute,
    kernel_in_environment,
    newest_pid,
    read_descendants,
    read_process,
    read_processes,
)
from grad_runner.kernel.watchdog import End, Tree, end_for_memory, end_for_tasks

_ENDING_S: Final = 5.0
"""How long the processes of an ended kernel may take to give their memory back before another kernel is ended."""

_log = logging.getLogger("grad.kernel")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The processes of one moment: by the kernel that they belong to, and `base`, which are supervisor and launcher."""

    trees: Mapping[str, list[Process]]
    base: list[Process]

    def by_identity(self) -> dict[tuple[int, int], Process]:
        return {process.identity: process for tree in self.trees.values() for process in tree}


@dataclass(slots=True)
class Monitor:
    """`kernels` is the supervisor's own table; `launcher` returns the launcher's pid, or 0; `system_has_killed` whether the
    system has just killed a process for lack of memory."""

    kernels: Mapping[str, Kernel]
    launcher: Callable[[], int]
    memory: MemoryUsage
    max_tasks: int
    system_has_killed: Callable[[], bool] = lambda: False
    freezer: Freezer = field(default_factory=Freezer)
    _remembered: dict[tuple[int, int], str] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _pace: Pace = field(default_factory=Pace)
    _ending_until: float = 0.0
    _last: Snapshot = field(default_factory=lambda: Snapshot({}, []))
    _newest_at_probe: bytes = b""

    def probe(self) -> Snapshot:
        """Reads the whole table of processes and brings every kernel's figures up to date."""
        self._newest_at_probe = newest_pid()
        table = read_processes()
        ours = (os.getpid(), self.launcher())
        leaders = {kernel.pid: kernel.name for kernel in self.kernels.values() if kernel.pid is not None}
        owners = attribute(table, leaders, ours, self._remembered)
        if STRAY in owners.values():
            owners = {pid: owner or self._kernel_of_stray(table[pid]) for pid, owner in owners.items()}
        self._remembered = {
            table[pid].identity: owner for pid, owner in owners.items() if owner in self.kernels
        }
        trees: dict[str, list[Process]] = {}
        for pid, owner in owners.items():
            trees.setdefault(owner, []).append(table[pid])
        now = time.monotonic()
        for name, processes in trees.items():
            if (kernel := self.kernels.get(name)) is not None:
                _count(kernel, processes, now)
        self._last = Snapshot(trees, [table[pid] for pid in ours if pid in table])
        return self._last

    def stat(self, kernel: Kernel) -> tuple[int, int, int]:
        """CPU milliseconds, resident bytes, and the highest resident bytes since the last execution ended."""
        rss_bytes = self._probe_kernel(kernel)
        if kernel.peak_is_exact and kernel.alive and kernel.pid is not None:
            # A peak between two probes counts too; the system records that of the kernel's own process.
            kernel.peak_bytes = max(kernel.peak_bytes, read_peak(kernel.pid))
        return kernel.cpu_ms, rss_bytes, kernel.peak_bytes

    def execution_started(self, kernel: Kernel) -> None:
        kernel.activity.execution_started(time.monotonic())
        self._wake.set()

    def execution_ended(self, kernel: Kernel) -> None:
        """The peak of the next execution counts from now on."""
        kernel.activity.execution_ended(time.monotonic())
        kernel.peak_is_exact = kernel.alive and kernel.pid is not None and reset_peak(kernel.pid)
        kernel.peak_bytes = 0
        kernel.peak_bytes = self._probe_kernel(kernel)
        self._wake.set()

    def end_tree(self, name: str) -> bool:
        """SIGKILLs every process of a kernel's tree; False if there was none any more.

        They are stopped first, in rounds, so that none forks meanwhile; the next call finds what still escaped. Where there are
        many processes, all of the component are stopped by one call, and the others go on afterwards.
        """
        with self.freezer.frozen_if_many():
            return self._end_tree(name)

    def _end_tree(self, name: str) -> bool:
        stopped: dict[int, Process] = {}
        for _ in range(20):
            new = [process for process in self.probe().trees.get(name, []) if process.pid not in stopped]
            if not new:
                break
            for process in new:
                stopped[process.pid] = process
                _send(process.pid, signal.SIGSTOP)
        for pid in stopped:
            _send(pid, signal.SIGKILL)
        return bool(stopped)

    async def run(self) -> None:
        """Probes and enforces the limits until cancelled, as often as `pace.py` decides."""
        woken = False
        while True:
            began = time.monotonic()
            glance = self._glance()
            if woken or self._pace.is_due(glance, began):
                before = self._last.by_identity()
                with self.freezer.frozen_if_crowded():
                    snapshot = self.probe()
                    self._end_leftovers(snapshot)
                    self._enforce(snapshot, began)
                changed = (
                    woken or has_taken_memory(before, snapshot.by_identity()) or self._may_fill_files(glance)
                )
                self._pace.probed(glance, began=began, ended=time.monotonic(), changed=changed)
            self._wake.clear()
            try:
                async with asyncio.timeout(self._pace.pause_s(time.monotonic())):
                    await self._wake.wait()
                woken = True
                await asyncio.sleep(BUSY_PAUSE_S)
            except TimeoutError:
                woken = False

    def _may_fill_files(self, glance: Glance) -> bool:
        """Whether code runs while memory is taken: what is written into files in memory shows in no process."""
        grown = glance.used_bytes - self._pace.used_bytes_at_probe >= GROWTH_BYTES
        return grown and any(kernel.activity.is_executing for kernel in self.kernels.values())

    def _glance(self) -> Glance:
        used = None if self.memory.cgroup is None else self.memory.cgroup.used_bytes()
        return Glance(newest_pid(), read_machine_used_bytes() if used is None else used)

    def _probe_kernel(self, kernel: Kernel) -> int:
        """Brings one kernel's figures up to date and returns its resident bytes. A caller waits for it, so only the processes
        that the last probe found are read again, and new ones are searched below the kernel if there can be any."""
        known = self._last.trees.get(kernel.name)
        if known is None or not kernel.alive or kernel.pid is None:
            return _rss(self.probe().trees.get(kernel.name, []))
        processes = {
            again.pid: again
            for one in known
            if (again := read_process(one.pid)) is not None and again.identity == one.identity
        }
        if newest_pid() != self._newest_at_probe:
            try:
                processes |= {process.pid: process for process in read_descendants(kernel.pid)}
            except OSError:
                return _rss(self.probe().trees.get(kernel.name, []))
        _count(kernel, processes.values(), time.monotonic())
        return _rss(processes.values())

    def _kernel_of_stray(self, process: Process) -> str:
        name = kernel_in_environment(process.pid)
        return name if name in self.kernels else STRAY

    def _end_leftovers(self, snapshot: Snapshot) -> None:
        """Processes that an ended kernel has left running end, too."""
        for kernel in self.kernels.values():
            if kernel.exit is not None and kernel.name in snapshot.trees:
                self.end_tree(kernel.name)

    def _enforce(self, snapshot: Snapshot, now: float) -> None:
        if now < self._ending_until and any(
            name in snapshot.trees and kernel.ended_for for name, kernel in self.kernels.items()
        ):
            return
        for end in self._confirmed(self._ends(snapshot, now)):
            self._ending_until = now + _ENDING_S
            self._end_for(end)

    def _confirmed(self, ends: list[End]) -> list[End]:
        """Those that a second measurement names, too. Code takes gigabytes a second: a kernel that was small when its processes
        were read may be the one that has taken the memory, or may have been killed by the system meanwhile."""
        if not any(end.cause == "memory" for end in ends):
            return ends
        again = self._ends(self.probe(), time.monotonic())
        return [end for end in ends if end in again]

    def _ends(self, snapshot: Snapshot, now: float) -> list[End]:
        base_tasks = sum(process.threads for process in snapshot.base)
        trees = [self._tree(name, processes, 0, now) for name, processes in snapshot.trees.items()]
        if ends := end_for_tasks(trees, base_tasks, self.max_tasks):
            return ends
        inherited = {
            name: kernel.baseline_bytes if (kernel := self.kernels.get(name)) else 0
            for name in snapshot.trees
        }
        excess_bytes = self.memory.excess_bytes(snapshot.trees, snapshot.base, inherited)
        if not excess_bytes:
            return []
        sizes = self.memory.tree_bytes(snapshot.trees, snapshot.base, inherited)
        # After the sizes were read: the process that the system has killed may look small already while its memory is still
        # counted, and another one would be ended in its place.
        if self.memory.cgroup is not None and self.system_has_killed():
            return []
        return end_for_memory(
            [self._tree(name, tree, sizes[name], now) for name, tree in snapshot.trees.items()], excess_bytes
        )

    def _tree(self, name: str, processes: list[Process], memory_bytes: int, now: float) -> Tree:
        kernel = self.kernels.get(name)
        return Tree(
            name,
            memory_bytes,
            tasks=sum(process.threads for process in processes),
            idle_seconds=0.0 if kernel is None else kernel.activity.idle_seconds(now),
            grown_bytes=0 if kernel is None else kernel.growth.bytes,
        )

    def _end_for(self, end: End) -> None:
        _log.warning(
            "kernel.ended_by_watchdog kernel=%s cause=%s", end.kernel or "(stray processes)", end.cause
        )
        kernel = self.kernels.get(end.kernel)
        if kernel is not None and kernel.alive:
            kernel.ended_for = end.cause
        self.end_tree(end.kernel)


def _count(kernel: Kernel, processes: Iterable[Process], now: float) -> None:
    processes = list(processes)
    rss_bytes = _rss(processes)
    kernel.cpu_ms = max(kernel.cpu_ms, sum(process.cpu_ms for process in processes))
    kernel.peak_bytes = max(kernel.peak_bytes, rss_bytes)
    kernel.activity.used_cpu(kernel.cpu_ms, now)
    # Of the largest process: a fork adds its whole resident size, but takes no memory.
    largest = max((process.rss_bytes for process in processes), default=0)
    kernel.growth.sampled(max(0, largest - kernel.baseline_bytes), now)


def _rss(processes: Iterable[Process]) -> int:
    return sum(process.rss_bytes for process in processes)


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # PermissionError: a set-uid program
        os.kill(pid, number)
