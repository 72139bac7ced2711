"""Protection of a trusted process: what its memory holds is not shown to others, and it does not take the memory of others."""

import ctypes
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4
_M_ARENA_MAX: Final = -8
_MAX_ARENAS: Final = 2
_libc = ctypes.CDLL(None, use_errno=True)


def protect_process() -> None:
    """Call it first in a trusted component; what the component starts inherits the first of the two.

    No core files: a process that is ended by SIGABRT or SIGQUIT would write its keys to the disk. And not dumpable: no other
    process of this user may read its memory, environment and open files or trace it (root still may), and no program that the
    system starts for crashes gets its memory, which the limit alone does not prevent.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def bound_memory(max_bytes: int) -> None:
    """The last line behind the bounds of single messages: an allocation above `max_bytes` of address space fails.

    Then a request fails by MemoryError, or the process ends and is started again; either is better than to push the machine out
    of its memory. Call it before threads are started: glibc would reserve 64 MiB of addresses for each of them. What the process
    starts inherits the limit.
    """
    _libc.mallopt(_M_ARENA_MAX, _MAX_ARENAS)
    resource.setrlimit(resource.RLIMIT_AS, (max_bytes, max_bytes))
