"""Whom to end when the component's memory or its tasks run out. Decisions only; `monitor.py` measures and acts.

Kernels share the launcher's pages, so the sum of their resident sizes says up to 10x too much and only the
proportional size is right; that one costs milliseconds per GB to read. So a cheap lower and upper bound come first, and
the exact figure is asked for only when the limit lies between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

_MIB: Final = 1024 * 1024

Cause: TypeAlias = Literal["memory", "tasks"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What one kernel's tree uses; `exact_bytes` is None until it was measured."""

    kernel: str
    lower_bytes: int
    upper_bytes: int
    exact_bytes: int | None
    tasks: int


@dataclass(frozen=True, slots=True)
class Limits:
    """0 means none."""

    memory_bytes: int = 0
    max_tasks: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """End this kernel's tree."""

    kernel: str
    cause: Cause


Verdict: TypeAlias = Literal["fine", "measure"] | End


def threshold_bytes(limit_bytes: int) -> int:
    """Where the watchdog steps in: below the limit by what a kernel can take between two looks."""
    return limit_bytes - max(16 * _MIB, min(256 * _MIB, limit_bytes // 32))


def judge(trees: Sequence[Usage], base_bytes: int, base_tasks: int, limits: Limits) -> Verdict:
    """`base_*` is what supervisor and launcher use themselves: it counts, and cannot be ended."""
    tasks = base_tasks + sum(tree.tasks for tree in trees)
    if limits.max_tasks and trees and tasks > limits.max_tasks:
        return End(max(trees, key=lambda tree: tree.tasks).kernel, "tasks")
    if not limits.memory_bytes or not trees:
        return "fine"
    component = threshold_bytes(limits.memory_bytes) - base_bytes
    # Cases: surely under; surely over; unknown, to be measured; measured.
    if sum(tree.upper_bytes for tree in trees) <= component:
        return "fine"
    if sum(tree.lower_bytes for tree in trees) > component:
        return End(_largest(trees), "memory")
    if any(tree.exact_bytes is None for tree in trees):
        return "measure"
    if sum(tree.exact_bytes or 0 for tree in trees) <= component:
        return "fine"
    return End(_largest(trees), "memory")


def _largest(trees: Sequence[Usage]) -> str:
    return max(
        trees, key=lambda tree: tree.lower_bytes if tree.exact_bytes is None else tree.exact_bytes
    ).kernel


def blame_cgroup(signal_name: str | None, asked_for: bool, before: int | None, after: int | None) -> bool:
    """Whether a death was the system's out-of-memory killer, by its cgroup's count of kills before and after."""
    return (
        signal_name == "KILL"
        and not asked_for
        and before is not None
        and after is not None
        and after > before
    )
