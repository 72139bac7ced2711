"""The memory of one process and of the machine, read from /proc."""

import re
from typing import Final

from grad_runner.kernel.memory_estimate import Footprint
from grad_runner.kernel.process_table import PAGE_BYTES, Process

_MEMINFO: Final = re.compile(rb"MemTotal:\s+(\d+) kB.*MemAvailable:\s+(\d+) kB", re.DOTALL)


def read_footprint(process: Process) -> Footprint:
    """Takes about a millisecond for each GB and each few hundred mappings. Zeros for an ended process; the whole resident size
    for one that denies the reading, which user code can arrange, so that nobody evades the limit."""
    proportional = private = 0
    try:
        with open(f"/proc/{process.pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    proportional = int(line.split()[1]) * 1024
                elif line.startswith((b"Private_Clean:", b"Private_Dirty:")):
                    private += int(line.split()[1]) * 1024
    except PermissionError:
        return Footprint(process.rss_bytes, process.rss_bytes)
    except OSError:
        return Footprint()
    return Footprint(proportional, min(private, proportional))


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
