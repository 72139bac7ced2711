"""The supervisor's record of one kernel, and of how it ended."""

import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from grad_runner.kernel.activity import Activity, Growth
from grad_runner.kernel.watchdog import Cause

PORTS: Final[Mapping[str, int]] = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4, "hb": 5}
"""Port numbers, the same for every kernel; its sockets are `z-1` to `z-5` in its folder."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a kernel ended: an exit code, or the name of a signal without SIG; both None where it is not known."""

    code: int | None
    signal: str | None
    out_of_memory: bool = False
    too_many_tasks: bool = False
    evicted: bool = False
    """It was idle, and it was ended for its memory."""

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "signal": self.signal,
            "outOfMemory": self.out_of_memory,
            "tooManyTasks": self.too_many_tasks,
            "evicted": self.evicted,
        }


LOST: Final = Exit(None, "KILL")
"""Of kernels that an earlier supervisor started: they ended with it, by SIGKILL."""


def exit_of(exit_code: int, cause: Cause | None) -> Exit:
    """`exit_code` is as `os.waitstatus_to_exitcode` gives it: negative for a signal."""
    causes = (cause == "memory", cause == "tasks", cause == "eviction")
    if exit_code >= 0:
        return Exit(exit_code, None, *causes)
    try:
        name = signal.Signals(-exit_code).name.removeprefix("SIG")
    except ValueError:
        name = str(-exit_code)
    return Exit(None, name, *causes)


@dataclass(slots=True)
class Kernel:
    """From the request to start it until its removal. `pid` is None until it runs, and stays after its end.

    `bound`: its sockets are; `ended_for`: why the watchdog ended it; `asked_to_end`: a client has; `baseline_bytes`: the
    launcher's resident size when the kernel was forked, most of which it shares; `cpu_ms` and `peak_bytes`: of its whole
    process tree.
    """

    name: str
    spec: str
    forked: bool
    folder: Path
    key: str
    pid: int | None = None
    bound: bool = False
    exit: Exit | None = None
    ended_for: Cause | None = None
    asked_to_end: bool = False
    baseline_bytes: int = 0
    cpu_ms: int = 0
    peak_bytes: int = 0
    activity: Activity = field(default_factory=lambda: Activity(time.monotonic()))
    growth: Growth = field(default_factory=Growth)
    peak_is_exact: bool = True  # False from a `reset_peak` that the system refused

    @property
    def alive(self) -> bool:
        return self.pid is not None and self.exit is None

    @property
    def connection_file(self) -> Path:
        return self.folder / "connection.json"

    def connection(self) -> dict[str, Any]:
        """Jupyter's connection information."""
        return {
            **{f"{channel}_port": port for channel, port in PORTS.items()},
            "ip": str(self.folder / "z"),
            "transport": "ipc",
            "key": self.key,
            "signature_scheme": "hmac-sha256",
            "kernel_name": self.spec,
        }

    def to_json(self) -> dict[str, Any]:
        return {
            "kernel": self.name,
            "spec": self.spec,
            "forked": self.forked,
            "key": self.key,
            "ports": dict(PORTS),
            "alive": self.alive,
            "exit": None if self.exit is None else self.exit.to_json(),
        }
