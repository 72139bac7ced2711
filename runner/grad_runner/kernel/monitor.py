"""Measures the kernels' process trees, and ends the one that the watchdog names."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from grad_runner.kernel.kernels import Kernel
from grad_runner.kernel.process_table import (
    STRAY,
    Process,
    attribute,
    marked_kernel,
    newest_pid,
    proportional_bytes,
    read_descendants,
    read_peak,
    read_process,
    read_processes,
    reset_peak,
)
from grad_runner.kernel.watchdog import Cause, End, Limits, Usage, judge

_BUSY_S: Final = 0.05
_IDLE_S: Final = 0.25
_IDLE_AFTER_S: Final = 2.0
_ENDING_S: Final = 5.0
"""How long an ended tree may take to give its memory back before another one is looked for."""

_log = logging.getLogger("grad.kernel")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The processes of one moment by whose they are."""

    members: Mapping[str, list[Process]]
    base: list[Process]


@dataclass(slots=True)
class Monitor:
    """`kernels` is the supervisor's own table; `launcher` tells the launcher's pid, or 0."""

    kernels: Mapping[str, Kernel]
    launcher: Callable[[], int]
    limits: Limits
    _remembered: dict[tuple[int, int], str] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _ending_until: float = 0.0
    _last: Snapshot = field(default_factory=lambda: Snapshot({}, []))
    _newest: bytes = b""  # before the last look

    def look(self) -> Snapshot:
        self._newest = newest_pid()
        table = read_processes()
        ours = (os.getpid(), self.launcher())
        leaders = {kernel.pid: kernel.name for kernel in self.kernels.values() if kernel.pid is not None}
        owners = attribute(table, leaders, ours, self._remembered)
        if STRAY in owners.values():
            owners = {pid: owner or self._marked(table[pid]) for pid, owner in owners.items()}
        self._remembered = {
            table[pid].identity: owner for pid, owner in owners.items() if owner in self.kernels
        }
        members: dict[str, list[Process]] = {}
        for pid, owner in owners.items():
            members.setdefault(owner, []).append(table[pid])
        for name, processes in members.items():
            if (kernel := self.kernels.get(name)) is not None:
                _count(kernel, processes)
        self._last = Snapshot(members, [table[pid] for pid in ours if pid in table])
        return self._last

    def _look_at(self, kernel: Kernel) -> int:
        """Brings one kernel's figures up to date and returns its resident bytes. Somebody waits for it: what `look` found
        is read again, and new processes are looked for below the kernel, if there can be any."""
        known = self._last.members.get(kernel.name)
        if known is None or not kernel.alive or kernel.pid is None:
            return _rss(self.look().members.get(kernel.name, []))
        processes = {
            again.pid: again
            for one in known
            if (again := read_process(one.pid)) is not None and again.identity == one.identity
        }
        if newest_pid() != self._newest:
            try:
                processes |= {process.pid: process for process in read_descendants(kernel.pid)}
            except OSError:
                return _rss(self.look().members.get(kernel.name, []))
        _count(kernel, processes.values())
        return _rss(processes.values())

    def _marked(self, process: Process) -> str:
        name = marked_kernel(process.pid)
        return name if name in self.kernels else STRAY

    def stat(self, kernel: Kernel) -> tuple[int, int, int]:
        """CPU milliseconds, resident bytes, and the highest resident bytes since the last `mark`."""
        rss_bytes = self._look_at(kernel)
        if kernel.peak_is_exact and kernel.alive and kernel.pid is not None:
            # A peak between two looks counts too; the system knows that of the kernel's own process.
            kernel.peak_bytes = max(kernel.peak_bytes, read_peak(kernel.pid))
        return kernel.cpu_ms, rss_bytes, kernel.peak_bytes

    def mark(self, kernel: Kernel) -> None:
        kernel.peak_is_exact = kernel.alive and kernel.pid is not None and reset_peak(kernel.pid)
        kernel.peak_bytes = 0
        kernel.peak_bytes = self._look_at(kernel)
        self._wake.set()

    def end_tree(self, name: str) -> bool:
        """SIGKILLs all that descends from a kernel; False if there was nothing any more.

        Stopped first, in rounds, so that nothing forks away in between; what still gets away is met by the next call.
        """
        stopped: dict[int, Process] = {}
        for _ in range(20):
            new = [process for process in self.look().members.get(name, []) if process.pid not in stopped]
            if not new:
                break
            for process in new:
                stopped[process.pid] = process
                _send(process.pid, signal.SIGSTOP)
        for pid in stopped:
            _send(pid, signal.SIGKILL)
        return bool(stopped)

    async def run(self) -> None:
        """Watches until cancelled: often while some kernel works, seldom otherwise."""
        busy_until = 0.0
        seen_cpu_ms = 0
        while True:
            began = time.monotonic()
            snapshot = self.look()
            self._leave_no_remains(snapshot)
            self._enforce(snapshot, began)
            cpu_ms = sum(process.cpu_ms for group in snapshot.members.values() for process in group)
            if cpu_ms != seen_cpu_ms or self._wake.is_set():
                busy_until = began + _IDLE_AFTER_S
            seen_cpu_ms = cpu_ms
            self._wake.clear()
            pause = _BUSY_S if began < busy_until else _IDLE_S
            # About a tenth of one core, however many processes there are; yet a fork bomb is to be seen soon.
            pause = max(pause, min(_IDLE_S, 10 * (time.monotonic() - began)))
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                pass
            else:
                await asyncio.sleep(_BUSY_S)

    def _leave_no_remains(self, snapshot: Snapshot) -> None:
        """What a kernel leaves running behind ends with it."""
        for kernel in self.kernels.values():
            if kernel.exit is not None and kernel.name in snapshot.members:
                self.end_tree(kernel.name)

    def _enforce(self, snapshot: Snapshot, now: float) -> None:
        if now < self._ending_until and any(
            name in snapshot.members and kernel.ended_for for name, kernel in self.kernels.items()
        ):
            return
        base_bytes, base_tasks = _rss(snapshot.base), sum(process.threads for process in snapshot.base)
        verdict = judge(self._usages(snapshot, exact=False), base_bytes, base_tasks, self.limits)
        if verdict == "measure":
            base_bytes = sum(proportional_bytes(process.pid) for process in snapshot.base)
            verdict = judge(self._usages(snapshot, exact=True), base_bytes, base_tasks, self.limits)
        if isinstance(verdict, End):
            self._ending_until = now + _ENDING_S
            self._end_for(verdict.kernel, verdict.cause)

    def _end_for(self, name: str, cause: Cause) -> None:
        _log.warning("kernel.ended_by_watchdog kernel=%s cause=%s", name or "(stray processes)", cause)
        kernel = self.kernels.get(name)
        if kernel is not None and kernel.alive:
            kernel.ended_for = cause
        self.end_tree(name)

    def _usages(self, snapshot: Snapshot, *, exact: bool) -> list[Usage]:
        return [self._usage(name, processes, exact=exact) for name, processes in snapshot.members.items()]

    def _usage(self, name: str, processes: list[Process], *, exact: bool) -> Usage:
        kernel = self.kernels.get(name)
        baseline_bytes = 0 if kernel is None else kernel.baseline_bytes
        return Usage(
            kernel=name,
            # Children of a fork share with their parent, so for certain only the largest of them counts.
            lower_bytes=max(max(0, process.rss_bytes - baseline_bytes) for process in processes),
            upper_bytes=_rss(processes),
            exact_bytes=sum(proportional_bytes(process.pid) for process in processes) if exact else None,
            tasks=sum(process.threads for process in processes),
        )


def _count(kernel: Kernel, processes: Iterable[Process]) -> None:
    processes = list(processes)
    kernel.cpu_ms = max(kernel.cpu_ms, sum(process.cpu_ms for process in processes))
    kernel.peak_bytes = max(kernel.peak_bytes, _rss(processes))


def _rss(processes: Iterable[Process]) -> int:
    return sum(process.rss_bytes for process in processes)


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # PermissionError: a set-uid program
        os.kill(pid, number)
