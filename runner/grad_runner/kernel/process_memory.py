"""The memory of one process and of the machine, read from /proc."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Final

from grad_runner.kernel.memory_estimate import Footprint
from grad_runner.kernel.process_table import PAGE_BYTES, Process

_MEMINFO: Final = re.compile(rb"MemTotal:\s+(\d+) kB.*MemAvailable:\s+(\d+) kB", re.DOTALL)
_SHARED: Final = re.compile(rb"^Shmem:\s+(\d+) kB", re.MULTILINE)
_MAPPING: Final = re.compile(rb"[0-9a-f]+-[0-9a-f]+ \S+ [0-9a-f]+ ([0-9a-f]+):([0-9a-f]+) (\d+)\s*(.*)")


def read_footprint(process: Process, excluded_devices: frozenset[int] = frozenset()) -> Footprint:
    """Mappings of files on `excluded_devices` do not count. Takes about a millisecond for each GB and each few hundred mappings.
    Zeros for an ended process; the whole resident size for one that denies the reading, which user code can arrange, so that
    nobody evades the limit."""
    proportional = private = shared = 0
    try:
        with open(f"/proc/{process.pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    proportional = int(line.split()[1]) * 1024
                elif line.startswith(b"Pss_Shmem:"):
                    shared = int(line.split()[1]) * 1024
                elif line.startswith((b"Private_Clean:", b"Private_Dirty:")):
                    private += int(line.split()[1]) * 1024
    except PermissionError:
        return Footprint(process.rss_bytes, process.rss_bytes)
    except OSError:
        return Footprint()
    if shared and excluded_devices:
        proportional -= sum(
            bytes_ for device, _, _, bytes_ in read_mapped_files(process.pid) if device in excluded_devices
        )
    return Footprint(max(0, proportional), max(0, min(private, proportional)))


def read_mapped_files(pid: int) -> Iterator[tuple[int, int, str, int]]:
    """Device, inode, name and proportional bytes of each mapping of a file; none for a process that ended or denies the reading.
    Takes about a millisecond for each few hundred mappings."""
    try:
        with open(f"/proc/{pid}/smaps", "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return
    at: tuple[int, int, str] | None = None
    for line in lines:
        if line.startswith(b"Pss:"):
            if at is not None:
                yield (*at, int(line.split()[1]) * 1024)
        elif found := _MAPPING.match(line):
            major, minor, inode, name = found.groups()
            number = int(inode)
            at = (os.makedev(int(major, 16), int(minor, 16)), number, os.fsdecode(name)) if number else None


def read_open_memory_files(pid: int) -> Mapping[int, int] | None:
    """Bytes of each memfd that a process has open, by inode; None for a process that denies the look."""
    sizes: dict[int, int] = {}
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{name}"
            try:
                # By name first: to ask a file of a dataset for its size may take for ever.
                if os.readlink(path).startswith("/memfd:"):
                    found = os.stat(path)
                    sizes[found.st_ino] = found.st_blocks * 512
            except FileNotFoundError:
                continue
    except PermissionError:
        return None
    except OSError:
        return {}
    return sizes


def read_anonymous_bytes(pid: int) -> int:
    """Resident memory that belongs to no file, unlike libraries that many processes map; 0 for an ended process."""
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
            _, resident, of_files = file.read(200).split()[:3]
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(of_files)) * PAGE_BYTES


def reset_peak(pid: int) -> bool:
    """Makes the system record the highest resident size from now on; False where that is not allowed."""
    try:
        with open(f"/proc/{pid}/clear_refs", "wb", buffering=0) as file:
            file.write(b"5")
        return True
    except OSError:
        return False


def read_peak(pid: int) -> int:
    """Highest resident size in bytes since the start or `reset_peak`; 0 for an ended process."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            for line in file:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def read_machine_used_bytes() -> int:
    """Memory of the machine that is not available to a new process; 0 where /proc does not have the figure."""
    try:
        with open("/proc/meminfo", "rb", buffering=0) as file:
            found = _MEMINFO.search(file.read(8192))
    except OSError:
        return 0
    return 0 if found is None else (int(found[1]) - int(found[2])) * 1024


def read_machine_shared_bytes() -> int:
    """Of all tmpfs, memfds and shared mappings without a file on this machine; 0 where /proc does not have the figure."""
    try:
        with open("/proc/meminfo", "rb", buffering=0) as file:
            found = _SHARED.search(file.read(8192))
    except OSError:
        return 0
    return 0 if found is None else int(found[1]) * 1024
