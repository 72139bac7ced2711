"""The last line against input that grows: this component serves all datasets, and one hostile server is to fail one call."""

import ctypes
import resource
from typing import Final

MAX_ADDRESS_SPACE_BYTES: Final = 2 * 1024**3
"""Idle it has 0.6 to 0.8 GiB, most of it never used."""
_M_ARENA_MAX: Final = -8


def limit_own_memory(max_bytes: int = MAX_ADDRESS_SPACE_BYTES) -> None:
    """Makes an allocation beyond the limit fail, as MemoryError, instead of the machine's memory run out. Children inherit the
    limit and may raise it."""
    # Otherwise each thread may reserve 64 MiB of addresses.
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = max_bytes if hard == resource.RLIM_INFINITY else min(max_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def release_memory_of(pid: int) -> None:
    """Takes the limit from a child: s3fs has threads and buffers by the size of the machine."""
    hard = resource.prlimit(pid, resource.RLIMIT_AS)[1]
    resource.prlimit(pid, resource.RLIMIT_AS, (hard, hard))
