"""What the kernel component's control group counts: kills for lack of memory, and, where it has a group of its own as in a
pod, the memory that it uses and may use."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

_ROOT: Final = Path("/sys/fs/cgroup")
_MEMBERSHIPS: Final = Path("/proc/self/cgroup")
_NO_LIMIT_BYTES: Final = 1 << 60
"""Version 1 writes "no limit" as the largest whole number of pages; no machine has this much."""


@dataclass(frozen=True, slots=True)
class MemoryCgroup:
    """A control group of the memory controller."""

    folder: Path
    version: Literal[1, 2]

    def used_bytes(self) -> int | None:
        """Memory that cannot be reclaimed: processes, tmpfs and the system's own for them, not the cache of files.

        None where it cannot be read.
        """
        usage, stat = (
            ("memory.current", ("file", "shmem"))
            if self.version == 2
            else ("memory.usage_in_bytes", ("total_cache", "total_shmem"))
        )
        try:
            used = int((self.folder / usage).read_text())
            counts = _read_counts(self.folder / "memory.stat")
            cache, tmpfs = (counts[name] for name in stat)  # what lies in tmpfs is counted as cache, too
        except (OSError, ValueError, KeyError):
            return None
        return max(0, used - max(0, cache - tmpfs))

    def limit_bytes(self) -> int:
        """Its limit now (a pod's may be changed while it runs); 0 for none."""
        try:
            limit = int(
                (self.folder / ("memory.max" if self.version == 2 else "memory.limit_in_bytes")).read_text()
            )
        except (OSError, ValueError):  # version 2 writes "max" for no limit
            return 0
        return limit if limit < _NO_LIMIT_BYTES else 0

    def oom_kills(self) -> int | None:
        """How many processes of the group the system has killed for lack of memory; None where that is not counted."""
        try:
            file = "memory.events" if self.version == 2 else "memory.oom_control"
            return _read_counts(self.folder / file).get("oom_kill")
        except (OSError, ValueError):
            return None

    def process_ids(self) -> list[int]:
        """Members of the group itself, in this pid namespace; 0 for each that is outside of it."""
        try:
            return [int(line) for line in (self.folder / "cgroup.procs").read_text().split()]
        except (OSError, ValueError):
            return []


def memory_cgroup(root: Path = _ROOT, memberships: Path = _MEMBERSHIPS) -> MemoryCgroup | None:
    """The group that this process is in; None where there is no memory controller that we can see."""
    return next(
        (group for group in _candidates(root, memberships) if (group.folder / "cgroup.procs").exists()), None
    )


def own_memory_cgroup(group: MemoryCgroup | None) -> MemoryCgroup | None:
    """`group`, if its members are this process and its ancestors only, as for the first process of a container: otherwise its
    figures include other programs. To be called before this process starts others."""
    if group is None:
        return None
    members = group.process_ids()
    ours = {os.getpid(), os.getppid(), 1}
    return group if os.getpid() in members and ours.issuperset(members) else None


def _candidates(root: Path, memberships: Path) -> Iterator[MemoryCgroup]:
    try:
        lines = memberships.read_text().splitlines()
    except OSError:
        lines = []
    # Cases: a machine's hierarchy, where the membership is a path below its root; a container, where the root itself is the
    # group whatever the membership says.
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "" and (root / path.lstrip("/") / "memory.current").exists():
            yield MemoryCgroup(root / path.lstrip("/"), 2)
        elif "memory" in controllers.split(","):
            yield MemoryCgroup(root / "memory" / path.lstrip("/"), 1)
    if (root / "memory.current").exists():
        yield MemoryCgroup(root, 2)
    yield MemoryCgroup(root / "memory", 1)


def _read_counts(file: Path) -> dict[str, int]:
    counts = {}
    for line in file.read_text().splitlines():
        name, _, value = line.partition(" ")
        counts[name] = int(value)
    return counts
