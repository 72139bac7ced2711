"""Starting a program that ends with us and that only our own reaper waits for."""

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from grad_runner.kernel.prctl import die_with_parent, prefer_as_victim


def spawn(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    cwd: Path,
    stdout: int,
    stderr: int,
    keep: Sequence[int] = (),
) -> int:
    """Starts `argv` as the leader of a session of its own and returns its pid; stdin is /dev/null.

    `subprocess` is not used because it wants to wait for its children itself, and here one place waits for all. Only
    for processes with a single thread: the child runs Python before exec. A program that cannot be executed ends
    with 127.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid != 0:
        return pid
    try:
        signal.set_wakeup_fd(-1)  # shared with the parent's event loop
        os.setsid()
        die_with_parent(parent)
        prefer_as_victim()
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and exec would hand that on
            signal.signal(ignored, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with open(os.devnull, "rb") as null:
            os.dup2(null.fileno(), 0)
        # Through high numbers first: `stdout` may itself be 2.
        high_out, high_err = os.dup(stdout), os.dup(stderr)
        os.dup2(high_out, 1)
        os.dup2(high_err, 2)
        for fd in keep:
            os.set_inheritable(fd, True)
        os.chdir(cwd)
        os.execvpe(argv[0], list(argv), dict(env))
    except BaseException as error:  # noqa: BLE001  # nothing may run on as a second parent
        os.write(2, f"Cannot start {argv[0]}: {error}\n".encode())
    finally:
        os._exit(127)
