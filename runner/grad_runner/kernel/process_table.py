"""The processes that run, and to which kernel each belongs; read from /proc without a library, for speed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_TICK_MS: Final = 1000 // os.sysconf("SC_CLK_TCK")

KERNEL_VARIABLE: Final = "GRAD_KERNEL"
"""Environment variable with the name of the kernel, inherited by every program that the kernel starts."""

STRAY: Final = ""
"""Stands for the kernel of a process that left its kernel's tree (a daemon) before it was seen there."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `cpu_ms` includes children that have ended and were waited for; `faults` are its page faults so far."""

    pid: int
    parent: int
    session: int
    started_ticks: int
    threads: int
    cpu_ms: int
    rss_bytes: int
    zombie: bool
    faults: int

    @property
    def identity(self) -> tuple[int, int]:
        """Unlike a pid, this is never used for another process."""
        return (self.pid, self.started_ticks)


def parse_stat(line: bytes) -> Process:
    """Parses one /proc/PID/stat. The command's name can contain anything, so fields are counted from the last parenthesis."""
    pid, _, rest = line.partition(b" ")
    field = rest[rest.rindex(b")") + 2 :].split()
    return Process(
        pid=int(pid),
        parent=int(field[1]),
        session=int(field[3]),
        started_ticks=int(field[19]),
        threads=int(field[17]),
        cpu_ms=sum(int(ticks) for ticks in field[11:15]) * _TICK_MS,
        rss_bytes=int(field[21]) * PAGE_BYTES,
        zombie=field[0] in (b"Z", b"X"),
        faults=int(field[7]) + int(field[9]),
    )


def read_processes() -> dict[int, Process]:
    """All processes of this pid namespace, by pid."""
    table: dict[int, Process] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            process = read_process(int(name))
            if process is not None:  # None: it has just ended
                table[process.pid] = process
    return table


def read_process(pid: int) -> Process | None:
    """None for a process that has ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            return parse_stat(file.read(4096))
    except (OSError, ValueError):
        return None


def newest_pid() -> bytes:
    """The pid that was assigned last in this namespace: while it stays the same, no process and no thread is new."""
    with open("/proc/loadavg", "rb", buffering=0) as file:
        return file.read(200).rpartition(b" ")[2]


def read_descendants(pid: int) -> list[Process]:
    """The descendants of one process, without reading the whole table. Raises OSError where /proc has no `children` files."""
    found: list[Process] = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", "rb", buffering=0) as file:
            children = file.read(1024 * 1024).split()
        for child in map(int, children):
            if (process := read_process(child)) is not None:
                found += [process, *read_descendants(child)]
    return found


def attribute(
    table: Mapping[int, Process],
    leaders: Mapping[int, str],
    ours: tuple[int, int],
    remembered: Mapping[tuple[int, int], str],
) -> dict[int, str]:
    """The kernel's name (or STRAY) by pid, for each running process that a kernel has started, directly or not.

    `leaders` are the kernels' names by pid; `ours` are the pids of supervisor and launcher. Orphans become the supervisor's
    children, so a process belongs to a kernel if an ancestor is the kernel, if it is in the kernel's session, or if it was
    attributed to the kernel before (`remembered`).
    """
    supervisor, launcher = ours
    owners: dict[int, str] = {}
    for process in table.values():
        if process.zombie or process.pid in ours:
            continue
        at: Process | None = process
        steps = 0
        while at is not None and steps < 1000:  # a table that changes while it is read can contain a cycle
            if at.pid in leaders:
                owners[process.pid] = leaders[at.pid]
                break
            owner = leaders.get(at.session) or remembered.get(at.identity)
            if owner is not None:
                owners[process.pid] = owner
                break
            if at.parent in (launcher, supervisor):
                # A child of the launcher is the intermediate process of a fork.
                if at.parent == supervisor:
                    owners[process.pid] = STRAY
                break
            at = table.get(at.parent)
            steps += 1
    return owners


def kernel_in_environment(pid: int) -> str:
    """The kernel that a process names in its environment; STRAY if there is none."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            variables = file.read(1024 * 1024).split(b"\0")
    except OSError:
        return STRAY
    prefix = f"{KERNEL_VARIABLE}=".encode()
    names = (variable.removeprefix(prefix) for variable in variables if variable.startswith(prefix))
    return next(names, b"").decode("ascii", "replace")
