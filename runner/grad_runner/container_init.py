"""`python -I -m grad_runner.container_init COMMAND...`: the first process of the containers of agent and data.

It starts COMMAND again whenever that ends, because the kubelet waits 15 seconds and more before it starts a container again.
Standard library only, so that it starts at once.
"""

import contextlib
import os
import signal
import sys
import time
from types import FrameType

PAUSE_SECONDS = 0.05
MAX_PAUSE_SECONDS = 5.0
LONG_ENOUGH_SECONDS = 30.0
"""A command that ran so long is started again after the first pause."""


class _State:
    child = 0
    stopping = False


def main(command: list[str]) -> int:
    def stop(number: int, _frame: FrameType | None) -> None:
        _State.stopping = True
        if _State.child == 0:
            os._exit(0)
        os.kill(_State.child, number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    pause = PAUSE_SECONDS
    while True:
        started = time.monotonic()
        _State.child = _start(command)
        exit_code = _wait(_State.child)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(_State.child, signal.SIGKILL)  # what it started may hold mounts and keys
        if _State.stopping:
            return 0
        is_long = time.monotonic() - started > LONG_ENOUGH_SECONDS
        pause = PAUSE_SECONDS if is_long else min(pause * 2, MAX_PAUSE_SECONDS)
        sys.stderr.write(
            f'{{"level": "warn", "event": "component.ended", "exit": {exit_code}, "againInSeconds": {pause}}}\n'
        )
        time.sleep(pause)


def _start(command: list[str]) -> int:
    """Starts the command as the leader of a process group of its own."""
    child = os.fork()
    if child:
        return child
    try:
        os.setpgid(0, 0)
        os.execv(command[0], command)
    finally:
        os._exit(127)


def _wait(child: int) -> int:
    """Waits for the child, and reaps what others have left; returns its exit code, negative for a signal."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
