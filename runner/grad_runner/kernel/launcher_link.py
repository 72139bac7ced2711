"""The supervisor's side of the launcher: starts it, restarts it, and requests kernels from it.

The link is a SEQPACKET socket pair, so messages arrive whole. The launcher's children have it open until their sockets are
bound, and user code never does. But a hostile kernel can ptrace the launcher (same uid, same component), so messages from it
are bounded and checked, and a false one can do no more than make a start fail.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from grad_runner.common.backoff import Backoff
from grad_runner.kernel.duckdb_limits import RunnerResources
from grad_runner.kernel.process_table import read_process
from grad_runner.kernel.spawn import spawn

MAX_MESSAGE_BYTES: Final = 32 * 1024
_FIRST_BACKOFF_S: Final = 0.1
_MAX_BACKOFF_S: Final = 5.0

_log = logging.getLogger("grad.kernel")


class LauncherFailed(Exception):
    """The launcher could not start this kernel; another try may succeed."""


@dataclass(slots=True)
class LauncherLink:
    """`on_ready` is called whenever a launcher can fork; `on_forked(kernel, pid)` as soon as a kernel has a pid.

    `task_bound` is for `bound_tasks` of each kernel; `trouble` is a possible reason to add to the message of a start that timed
    out.
    """

    workspace: Path
    scratch: Path
    on_ready: Callable[[], None]
    on_forked: Callable[[str, int], None]
    resources: RunnerResources = field(default_factory=RunnerResources)
    task_bound: int = 0
    pid: int = 0
    trouble: str = ""
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _socket: socket.socket | None = None
    _waiting: dict[str, asyncio.Future[None]] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        return self._ready.is_set()

    @property
    def resident_bytes(self) -> int:
        process = read_process(self.pid)
        return 0 if process is None else process.rss_bytes

    async def run(self) -> None:
        """Starts a launcher, and restarts it whenever it ends, until cancelled."""
        backoff = Backoff(_FIRST_BACKOFF_S, _MAX_BACKOFF_S)
        clock = asyncio.get_running_loop().time
        async with asyncio.TaskGroup() as readers:
            while True:
                started_at = clock()
                readers.create_task(self._read(self._start()))
                await self._ended.wait()
                await asyncio.sleep(backoff.failed(clock() - started_at))

    async def fork(self, kernel: str, folder: Path, key: str) -> None:
        """Returns when the kernel's sockets are bound. Raises LauncherFailed."""
        await self._ready.wait()
        if self._socket is None:
            raise LauncherFailed("Cannot fork a kernel: the launcher has ended")
        done = self._waiting[kernel] = asyncio.get_running_loop().create_future()
        try:
            request = {"kernel": kernel, "folder": str(folder), "key": key}
            await asyncio.get_running_loop().sock_sendall(self._socket, json.dumps(request).encode())
            await done
        except OSError as error:
            raise LauncherFailed(f"Cannot fork a kernel: {error}") from error
        finally:
            self._waiting.pop(kernel, None)

    def ended(self, exit_code: int) -> None:
        """To be called when the launcher's process has been reaped. The kernels that it forked go on running."""
        _log.warning("launcher.ended exit_code=%d", exit_code)
        self.pid = 0
        self.trouble = f"; the previous launcher ended with exit code {exit_code}, see kernel.log"
        self._ready.clear()
        self._ended.set()
        self._socket = None

    def kernel_ended(self, kernel: str) -> None:
        self._fail(kernel, "Cannot start the kernel: it ended during the start")

    def _start(self) -> socket.socket:
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mine.setblocking(False)
        with theirs:
            self.pid = spawn(
                self._argv(theirs.fileno()),
                os.environ,
                cwd=Path("/"),
                # The supervisor's own stderr is another pipe: code can fill this one, through /proc, and nobody waits for it.
                stdout=1,
                stderr=1,
                inherit=[theirs.fileno()],
            )
        self._ended.clear()
        self._socket = mine
        return mine

    def _argv(self, fd: int) -> Sequence[str]:
        # -P and an explicit root: neither the working directory nor the user's files may be on sys.path, or a file
        # `pandas.py` in the workspace would be imported into every kernel.
        root = str(Path(__file__).parents[2])
        code = f"import sys; sys.path.append({root!r}); from grad_runner.kernel.launcher import main; main()"
        options = ["--fd", str(fd), "--supervisor", str(os.getpid())]
        return [
            sys.executable,
            "-P",
            "-c",
            code,
            *options,
            "--workspace",
            str(self.workspace),
            "--scratch",
            str(self.scratch),
            *_resource_options(self.resources),
            "--task-bound",
            str(self.task_bound),
        ]

    async def _read(self, source: socket.socket) -> None:
        """Takes messages until the launcher and all kernels that it is starting have closed the link."""
        kernels: set[str] = set()
        with source:
            while data := await self._receive(source):
                try:
                    self._handle(json.loads(data), kernels)
                except (ValueError, KeyError, TypeError) as error:
                    _log.error("launcher.invalid_message error=%s", error)
                    if self._socket is source and self.pid:
                        os.kill(self.pid, signal.SIGKILL)
        for kernel in list(self._waiting):
            if self._socket is None or self._socket is source or kernel in kernels:
                self._fail(kernel, "Cannot start the kernel: the launcher has ended")

    async def _receive(self, source: socket.socket) -> bytes:
        try:
            return await asyncio.get_running_loop().sock_recv(source, MAX_MESSAGE_BYTES)
        except OSError:
            return b""

    def _handle(self, message: dict[str, Any], kernels: set[str]) -> None:
        match message["event"]:
            case "ready":
                self._ready.set()
                self.on_ready()
            case "forked":
                kernels.add(message["kernel"])
                self.on_forked(str(message["kernel"]), int(message["pid"]))
            case "bound":
                if (done := self._waiting.get(message["kernel"])) is not None and not done.done():
                    done.set_result(None)
            case "failed":
                self._fail(message["kernel"], str(message["message"])[:4000])
            case other:
                raise ValueError(f"unknown event {other!r}")

    def _fail(self, kernel: str, reason: str) -> None:
        if (done := self._waiting.get(kernel)) is not None and not done.done():
            done.set_exception(LauncherFailed(reason))


def _resource_options(resources: RunnerResources) -> list[str]:
    options = [
        *("--memory-bytes", str(resources.memory_bytes)),
        *("--threads", str(resources.threads)),
        *("--storage-bytes", str(resources.storage_bytes)),
    ]
    return options if resources.spill is None else [*options, "--spill", str(resources.spill)]
