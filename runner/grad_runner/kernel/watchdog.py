"""Which kernels to end when the component's memory or its tasks run out. Decisions only; `monitor.py` measures and acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

_MIB: Final = 1024 * 1024
MIN_IDLE_SECONDS: Final = 5.0
"""A kernel that was busy more recently counts as running: it may be between two executions of one program."""
GROWTH_WINDOW_SECONDS: Final = 2.0
"""Over which `Tree.grown_bytes` is taken."""

Cause: TypeAlias = Literal["memory", "tasks", "eviction"]
"""Why a kernel was ended: it used too much memory; it had too many tasks; it was idle while memory was short."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of the whole component; 0 means none. The watchdog acts above `max_tasks`; the system refuses code more than
    `bound_tasks`."""

    memory_bytes: int = 0
    max_tasks: int = 0
    bound_tasks: int = 0
    tmpfs: tuple[Path, ...] = ()
    """Folders in memory that only the component uses: what lies there counts."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What the processes of one kernel use. `idle_seconds` is 0 while it runs an execution; `grown_bytes` is by how much it
    has grown in the last GROWTH_WINDOW_SECONDS."""

    kernel: str
    memory_bytes: int
    tasks: int
    idle_seconds: float = 0.0
    grown_bytes: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """End this kernel's tree."""

    kernel: str
    cause: Cause


def threshold_bytes(limit_bytes: int) -> int:
    """Where the watchdog steps in: below the limit by what a kernel can take between two probes."""
    return limit_bytes - max(16 * _MIB, min(256 * _MIB, limit_bytes // 32))


def end_for_tasks(trees: Sequence[Tree], base_tasks: int, max_tasks: int) -> list[End]:
    """The kernel with the most tasks when there are more than `max_tasks` (0: any number) in all. `base_tasks` are those of
    supervisor and launcher, which count, and cannot be ended."""
    if not max_tasks or not trees or base_tasks + sum(tree.tasks for tree in trees) <= max_tasks:
        return []
    return [End(max(trees, key=lambda tree: tree.tasks).kernel, "tasks")]


def end_for_memory(trees: Sequence[Tree], excess_bytes: int) -> list[End]:
    """Whom to end so that `excess_bytes` (above 0) come back: idle kernels, the longest idle first, as many as it takes;
    else the largest one that runs.

    Idle ones are spared where ending them would be in vain: they hold less than `excess_bytes` together, or a running kernel
    has grown by more than that in the last GROWTH_WINDOW_SECONDS and would soon have taken their memory, too.
    """
    idle = [tree for tree in trees if tree.idle_seconds >= MIN_IDLE_SECONDS]
    running = [tree for tree in trees if tree.idle_seconds < MIN_IDLE_SECONDS]
    growth_bytes = max((tree.grown_bytes for tree in running), default=0)
    if idle and (not running or max(excess_bytes, growth_bytes) <= sum(tree.memory_bytes for tree in idle)):
        return _longest_idle(idle, excess_bytes)
    if not running:
        return []
    return [End(max(running, key=lambda tree: tree.memory_bytes).kernel, "memory")]


def _longest_idle(idle: Sequence[Tree], excess_bytes: int) -> list[End]:
    ends = []
    freed_bytes = 0
    for tree in sorted(idle, key=lambda tree: -tree.idle_seconds):
        if freed_bytes >= excess_bytes:
            break
        ends.append(End(tree.kernel, "eviction"))
        freed_bytes += tree.memory_bytes
    return ends
