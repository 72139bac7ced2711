"""The three Linux process controls that Python has no name for."""

import contextlib
import ctypes
import os
import signal
import time

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Descendants whose parent ends become children of this process, so that their end is told to us."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> None:
    """SIGKILLs this process when `parent` ends; waits (at most 5 s) until it is our parent. Raises OSError.

    The signal comes at the end of whoever is the parent then, so it must not be asked for while a go-between that
    is about to exit still is.
    """
    give_up_at = time.monotonic() + 5
    while os.getppid() != parent:
        if time.monotonic() > give_up_at:
            raise OSError(f"Cannot bind this process to {parent}: its parent is {os.getppid()}")
        time.sleep(0.0002)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended in between, and no signal will come
        raise OSError(f"Cannot bind this process to {parent}: it has ended")


def prefer_as_victim() -> None:
    """Should the whole machine run out of memory, this process and its children end before supervisor and agent."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")


def flush_c_streams() -> None:
    """fflush(NULL): what C code has printed and still holds."""
    _libc.fflush(None)


def line_buffer_c_stdout() -> None:
    """C's stdout goes out line by line although it is a file, so that it keeps its place among our own writes.

    To be called before anything has used it, as C demands.
    """
    _libc.setvbuf(ctypes.c_void_p.in_dll(_libc, "stdout"), None, 1, 0)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"prctl {option}: {os.strerror(error)}")
