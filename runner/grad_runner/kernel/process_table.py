"""Which processes run and to which kernel they belong, read from /proc without a library for speed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_TICK_MS: Final = 1000 // os.sysconf("SC_CLK_TCK")

MARK: Final = "GRAD_KERNEL"
"""Environment variable that names the kernel in every program that it starts."""

STRAY: Final = ""
"""Whom a process belongs to that fled from its kernel (daemonised) and was never seen below it."""


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
        """Unlike a pid, never used twice."""
        return (self.pid, self.started_ticks)


def parse_stat(line: bytes) -> Process:
    """One /proc/PID/stat. The command's name may hold anything, so fields count from its last parenthesis."""
    pid, _, rest = line.partition(b" ")
    field = rest[rest.rindex(b")") + 2 :].split()
    return Process(
        pid=int(pid),
        parent=int(field[1]),
        session=int(field[3]),
        started_ticks=int(field[19]),
        threads=int(field[17]),
        cpu_ms=sum(int(ticks) for ticks in field[11:15]) * _TICK_MS,
        rss_bytes=int(field[21]) * _PAGE_BYTES,
        zombie=field[0] in (b"Z", b"X"),
        faults=int(field[7]) + int(field[9]),
    )


def read_processes() -> dict[int, Process]:
    """All that we can see, by pid."""
    table: dict[int, Process] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            process = read_process(int(name))
            if process is not None:  # else it has ended meanwhile
                table[process.pid] = process
    return table


def read_process(pid: int) -> Process | None:
    """None for one that has ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            return parse_stat(file.read(4096))
    except (OSError, ValueError):
        return None


def newest_pid() -> bytes:
    """The pid that was given last in our namespace: while it stays the same, no process and no thread is new."""
    with open("/proc/loadavg", "rb", buffering=0) as file:
        return file.read(200).rpartition(b" ")[2]


def read_descendants(pid: int) -> list[Process]:
    """What runs below a process, in a look at its threads only. Raises OSError where the system does not tell."""
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
    """Kernel's name (or STRAY) by pid, for each living process that descends from a kernel.

    `leaders` are the kernels by pid; `ours` are the pids of supervisor and launcher. Orphans become the supervisor's
    children, so three signs tell whose a process is: an ancestor, its session, or that it was seen below a kernel before.
    """
    supervisor, launcher = ours
    owners: dict[int, str] = {}
    for process in table.values():
        if process.zombie or process.pid in ours:
            continue
        at: Process | None = process
        steps = 0
        while at is not None and steps < 1000:  # a table read while it changes may hold a circle
            if at.pid in leaders:
                owners[process.pid] = leaders[at.pid]
                break
            owner = leaders.get(at.session) or remembered.get(at.identity)
            if owner is not None:
                owners[process.pid] = owner
                break
            if at.parent in (launcher, supervisor):
                # Below the launcher: a go-between on its way to fork a kernel.
                if at.parent == supervisor:
                    owners[process.pid] = STRAY
                break
            at = table.get(at.parent)
            steps += 1
    return owners


def marked_kernel(pid: int) -> str:
    """Whose program this says it is; STRAY where it says nothing."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            variables = file.read(1024 * 1024).split(b"\0")
    except OSError:
        return STRAY
    mark = f"{MARK}=".encode()
    names = (variable.removeprefix(mark) for variable in variables if variable.startswith(mark))
    return next(names, b"").decode("ascii", "replace")
