"""Starting and ending the process of a component, and collecting the exits of all children."""

import contextlib
import os
import signal

from grad_runner.init.component_log import ComponentLog
from grad_runner.init.plan import Component

_RESET = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP)


def spawn(component: Component) -> int:
    """Starts the component and returns its pid. Needs a running loop. Raises OSError.

    It runs in a process group of its own, with stdin from /dev/null, a pipe for stdout and another for stderr, which are read
    into its log, and only the environment that the plan gives. A stale socket is removed first: a socket that exists then
    belongs to the new process.
    """
    with contextlib.suppress(FileNotFoundError):
        os.unlink(component.socket)
    with contextlib.ExitStack() as stack:
        component_log = ComponentLog(component.log)
        pipes = []
        for _ in ("stdout", "stderr"):
            pipes.append(component_log.pipe())
            stack.callback(os.close, pipes[-1])
        return os.posix_spawnp(
            component.argv[0],
            component.argv,
            component.env,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, pipes[0], 1),
                (os.POSIX_SPAWN_DUP2, pipes[1], 2),
            ],
            setpgroup=0,
            setsigmask=(),
            setsigdef=_RESET,
        )


def kill_group(pid: int, number: signal.Signals) -> None:
    """Signals what is left of a component's process group; succeeds where nothing is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def reap() -> list[tuple[int, int]]:
    """Every child that has ended since the last call: its pid, and its exit code or negated signal. Orphans of components
    are children of pid 1, so they are among them."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended.append((pid, os.waitstatus_to_exitcode(status)))
    return ended
