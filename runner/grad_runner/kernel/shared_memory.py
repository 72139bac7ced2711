"""Memory that is in files rather than in processes: in the sandbox's own tmpfs folders, and in memfds, which nobody need map."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from grad_runner.kernel.process_memory import (
    read_machine_shared_bytes,
    read_mapped_files,
    read_open_memory_files,
)
from grad_runner.kernel.process_table import Process

_BYTES_OF_A_FILE: Final = 1024
"""What Linux keeps for each file of a tmpfs, an empty one included."""

Identity: TypeAlias = tuple[int, int]


@dataclass(slots=True)
class SharedMemory:
    """`folders` are mount points of tmpfs that only this sandbox uses.

    Files of processes are looked at only when they can matter: memfds are part of the machine's shared memory, so until that
    has grown there cannot be more in them than when they were looked at last.
    """

    folders: Sequence[Path] = ()
    machine_bytes: Callable[[], int] = read_machine_shared_bytes
    open_files: Callable[[int], Mapping[int, int] | None] = read_open_memory_files
    mapped_files: Callable[[int], Iterable[tuple[int, int, str, int]]] = read_mapped_files
    _held: dict[Identity, int] = field(default_factory=dict)
    _others_at_start: int = field(init=False)
    _others_at_scan: int = field(init=False)

    def __post_init__(self) -> None:
        self._others_at_start = self._others_at_scan = self._others()

    @property
    def devices(self) -> frozenset[int]:
        """Of `folders`: mappings of files there are part of `folder_bytes`."""
        return frozenset(os.stat(folder).st_dev for folder in self.folders)

    def folder_bytes(self) -> int:
        """What lies in `folders`, deleted files that are still open included."""
        total = 0
        for folder in self.folders:
            found = os.statvfs(folder)
            total += (found.f_blocks - found.f_bfree) * found.f_frsize
            total += (found.f_files - found.f_ffree) * _BYTES_OF_A_FILE
        return total

    def upper_bytes(self) -> int:
        """Of memfds, without what processes map of them; never too low while other programs of the machine do not give shared
        memory back at the same time."""
        others = self._others()
        # What other programs have given back since must not hide what is taken later.
        self._others_at_scan = min(self._others_at_scan, others)
        return sum(self._held.values()) + others - self._others_at_scan

    def scan(self, processes: Iterable[Process]) -> None:
        """Looks at the open files of processes; `upper_bytes` is exact then."""
        others = self._others()
        processes = list(processes)
        sizes: dict[int, int] = {}
        holders: dict[int, Identity] = {}
        hidden: Identity | None = None
        for process in processes:
            files = self.open_files(process.pid)
            if files is None:
                hidden = process.identity
                continue
            for inode, size in files.items():
                sizes[inode] = size
                holders.setdefault(inode, process.identity)
        if any(sizes.values()):
            for process in processes:
                for _, inode, name, mapped in self.mapped_files(process.pid):
                    if inode in sizes and name.startswith("/memfd:"):
                        sizes[inode] -= mapped
        self._held = {}
        for inode, size in sizes.items():
            self._held[holders[inode]] = self._held.get(holders[inode], 0) + max(0, size)
        if hidden is not None:
            # It denies the look at its files, which is unusual: whatever the machine has taken since may be in them.
            self._held[hidden] = max(0, others - self._others_at_start - sum(self._held.values()))
        self._others_at_scan = others

    def held_bytes(self, process: Process) -> int:
        """Of the memfds of a process at the last scan, without what processes map of them."""
        return self._held.get(process.identity, 0)

    def _others(self) -> int:
        return self.machine_bytes() - self.folder_bytes()
