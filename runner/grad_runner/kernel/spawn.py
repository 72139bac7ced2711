"""Starting a program that ends with the supervisor, and that only the supervisor's own reaper waits for."""

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from grad_runner.kernel.prctl import die_with_parent, prefer_as_victim, show_memory
from grad_runner.kernel.task_bound import bound_tasks


def spawn(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    cwd: Path,
    stdout: int,
    stderr: int,
    inherit: Sequence[int] = (),
    task_bound: int = 0,
) -> int:
    """Starts `argv` as the leader of a session of its own and returns its pid; stdin is /dev/null, and of the other
    descriptors it inherits only those in `inherit`. `task_bound` is for `bound_tasks`.

    `subprocess` is not used because it waits for its children itself, and here one reaper waits for all of them. The caller
    must have a single thread: the child runs Python before exec. If the program cannot be executed, the child exits with 127.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid != 0:
        return pid
    try:
        signal.set_wakeup_fd(-1)  # the descriptor belongs to the parent's event loop
        os.setsid()
        die_with_parent(parent)
        show_memory()
        prefer_as_victim()
        bound_tasks(task_bound)
        for ignored in (
            signal.SIGPIPE,
            signal.SIGXFSZ,
        ):  # Python ignores them, and the program would inherit that
            signal.signal(ignored, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with open(os.devnull, "rb") as null:
            os.dup2(null.fileno(), 0)
        # Copied to high numbers first: `stdout` may itself be 2.
        high_out, high_err = os.dup(stdout), os.dup(stderr)
        os.dup2(high_out, 1)
        os.dup2(high_err, 2)
        for fd in inherit:
            os.set_inheritable(fd, True)
        os.chdir(cwd)
        os.execvpe(argv[0], list(argv), dict(env))
    except BaseException as error:  # noqa: BLE001  # this process must never continue as a second supervisor
        os.write(2, f"Cannot start {argv[0]}: {error}\n".encode())
    finally:
        os._exit(127)
