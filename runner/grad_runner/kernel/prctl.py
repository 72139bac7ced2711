"""Linux process controls and C library calls for which Python has no functions."""

import contextlib
import ctypes
import os
import signal
import time

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
MAX_OOM_SCORE_ADJ = "1000"
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent ends, so that it is notified when they end."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """Makes the system SIGKILL this process when `parent` ends. Waits for at most 5 s until it is the parent. Raises OSError.

    The system sends the signal when the parent at the time of the request ends: it must not be requested while the parent is
    still the intermediate process of a fork, which is about to exit.
    """
    give_up_at = time.monotonic() + 5
    while os.getppid() != parent:
        if time.monotonic() > give_up_at:
            raise OSError(f"Cannot bind this process to {parent}: its parent is {os.getppid()}")
        time.sleep(0.0002)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has just ended, and no signal will come
        raise OSError(f"Cannot bind this process to {parent}: it has ended")


def hide_memory() -> None:
    """Makes the system refuse other processes of the same user this one's memory, descriptors and environment in /proc. A program
    that it executes is visible again; until then a forked child needs `show_memory` to write its own files there."""
    _prctl(_PR_SET_DUMPABLE, 0)


def show_memory() -> None:
    """Undoes `hide_memory`, which a forked child has inherited."""
    _prctl(_PR_SET_DUMPABLE, 1)


def prefer_as_victim() -> None:
    """Makes the system end this process and its children before every other one when the memory of the machine, or of the
    component's control group, runs out. A supervisor in a pod begins at about 990: less than the most would spare the kernels."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(MAX_OOM_SCORE_ADJ)


def flush_c_streams() -> None:
    """fflush(NULL): writes out what C code has printed and its library still buffers."""
    _libc.fflush(None)


def line_buffer_c_stdout() -> None:
    """Makes C's stdout line-buffered although it is a file, so that its text has the right order relative to Python's.

    C requires that this is called before stdout is used.
    """
    _libc.setvbuf(ctypes.c_void_p.in_dll(_libc, "stdout"), None, 1, 0)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"prctl {option}: {os.strerror(error)}")
