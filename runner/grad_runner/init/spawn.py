"""Starting and ending the process of a component."""

import contextlib
import os
import signal

from grad_runner.init.plan import Component

_RESET = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP)


def spawn(component: Component) -> int:
    """Starts the component in a process group of its own, stdin from nowhere, output to its log, with exactly its
    environment; answers the pid. A stale socket is removed first, so that a socket that exists is one
    somebody will listen on. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(component.socket)
    return os.posix_spawnp(
        component.argv[0],
        component.argv,
        component.env,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, component.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setpgroup=0,
        setsigmask=(),
        setsigdef=_RESET,
    )


def kill_group(pid: int, number: signal.Signals) -> None:
    """Signals what is left of a component's process group; nothing left is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def reap() -> list[tuple[int, int]]:
    """Every child that has ended since, with its exit code or negated signal: as pid 1 also those of ended
    components."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended.append((pid, os.waitstatus_to_exitcode(status)))
    return ended
