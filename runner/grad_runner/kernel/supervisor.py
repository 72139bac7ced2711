"""The component's first process: it starts, signals, measures and removes kernels.

It reads nothing that a kernel writes. All processes of the component have one uid, so a kernel can end this process, the
launcher or another kernel, and can send any request to the socket. That is accepted: the component is the security boundary,
and one whose supervisor has ended is restarted.
"""

import asyncio
import json
import logging
import os
import secrets
import signal
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from grad_runner.gen.shared.limits import MAX_SOCKET_PATH_BYTES
from grad_runner.kernel.cgroup import memory_cgroup, own_memory_cgroup
from grad_runner.kernel.duckdb_limits import RunnerResources, spill_folder
from grad_runner.kernel.kernels import LOST, PORTS, Kernel, exit_of
from grad_runner.kernel.kernelspecs import Spec, find_specs
from grad_runner.kernel.launcher_link import LauncherFailed, LauncherLink
from grad_runner.kernel.memory_usage import MemoryUsage
from grad_runner.kernel.monitor import Monitor
from grad_runner.kernel.oom_kills import OomKills
from grad_runner.kernel.open_files import deleted_bytes
from grad_runner.kernel.prctl import adopt_orphans
from grad_runner.kernel.process_memory import read_footprint
from grad_runner.kernel.process_table import KERNEL_VARIABLE, STRAY, read_process
from grad_runner.kernel.protocol import (
    VERSION,
    Answer,
    DeletedFiles,
    ExecutionEnded,
    ExecutionStarted,
    Hello,
    ListKernels,
    Remove,
    Request,
    RequestError,
    SendSignal,
    Start,
    Stat,
    is_kernel_name,
    render_event,
)
from grad_runner.kernel.shared_memory import SharedMemory
from grad_runner.kernel.spawn import spawn
from grad_runner.kernel.temporary_files import delete_tree, empty_folder
from grad_runner.kernel.watchdog import Limits

_START_S: Final = 60.0
_END_S: Final = 5.0
_MAX_KERNELS: Final = 500

_log = logging.getLogger("grad.kernel")


class Supervisor:
    """`publish` sends one rendered event to every connection."""

    def __init__(
        self,
        folder: Path,
        workspace: Path,
        limits: Limits,
        resources: RunnerResources,
        publish: Callable[[bytes], None],
    ) -> None:
        self._folder = folder
        self._workspace = workspace
        self._publish = publish
        self._kernels: dict[str, Kernel] = {}
        self._resources = resources
        self._task_bound = limits.bound_tasks
        self._link = LauncherLink(
            workspace,
            folder / ".launcher",
            self._on_ready,
            self._on_forked,
            resources,
            limits.bound_tasks,
        )
        self._cgroup = memory_cgroup()
        shared = SharedMemory(limits.tmpfs)
        memory = MemoryUsage(
            limits.memory_bytes,
            own_memory_cgroup(self._cgroup),
            partial(read_footprint, excluded_devices=shared.devices),
            shared=shared,
        )
        self._oom_kills = OomKills(self._count_oom_kills)
        self._monitor = Monitor(
            self._kernels, lambda: self._link.pid, memory, limits.max_tasks, self._oom_kills.is_recent
        )
        # Exit codes by pid of children that no kernel has (yet): the launcher may report a fork after the child's end.
        self._unclaimed: OrderedDict[int, int] = OrderedDict()
        self._list_lost_kernels()
        if resources.spill is not None:
            empty_folder(resources.spill)

    async def run(self) -> None:
        """Runs until cancelled; then ends every kernel."""
        adopt_orphans()
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._link.run())
                tasks.create_task(self._monitor.run())
        finally:
            for name in (*self._kernels, STRAY):
                self._monitor.end_tree(name)
            if self._link.pid:
                os.kill(self._link.pid, signal.SIGKILL)

    async def handle(self, request: Request) -> Answer:
        """Carries out one request. Raises RequestError."""
        match request:
            case Hello():
                return {"version": VERSION, "ready": self._link.ready, "specs": self._specs()}
            case ListKernels():
                started = [
                    kernel for kernel in self._kernels.values() if kernel.bound or kernel.exit is not None
                ]
                return {"kernels": [kernel.to_json() for kernel in started]}
            case Start(name, spec):
                return await self._start(name, spec)
            case SendSignal(name, what):
                return self._signal(self._find(name), what)
            case Stat(name):
                kernel = self._find(name)
                cpu_ms, rss, peak = self._monitor.stat(kernel)
                return {
                    "alive": kernel.alive,
                    "cpuMs": cpu_ms,
                    "rssBytes": rss,
                    "peakRssBytes": peak,
                    "idleMs": int(1000 * kernel.activity.idle_seconds(time.monotonic())),
                }
            case DeletedFiles():
                folders = [self._workspace, *filter(None, [self._resources.spill])]
                return {"bytes": await deleted_bytes(folders)}
            case ExecutionStarted(name):
                self._monitor.execution_started(self._find(name))
                return {}
            case ExecutionEnded(name):
                self._monitor.execution_ended(self._find(name))
                return {}
            case Remove(name):
                return await self._remove(self._find(name))

    def _specs(self) -> list[Answer]:
        return [
            {
                "name": spec.name,
                "displayName": spec.display_name,
                "language": spec.language,
                "forked": spec.forked,
                "interruptMode": spec.interrupt_mode,
            }
            for spec in find_specs(os.environ).values()
        ]

    def _find(self, name: str) -> Kernel:
        kernel = self._kernels.get(name)
        if kernel is None:
            raise RequestError("kernel_not_found", f'Cannot find the kernel "{name}"', "Start it first.")
        return kernel

    async def _start(self, name: str, spec_name: str) -> Answer:
        spec = find_specs(os.environ).get(spec_name)
        if spec is None:
            known = ", ".join(find_specs(os.environ))
            raise RequestError(
                "kernelspec_not_found",
                f'Cannot find the kernelspec "{spec_name}"',
                f"Installed kernelspecs: {known}.",
            )
        if name in self._kernels:
            raise RequestError(
                "kernel_exists",
                f'Cannot start the kernel "{name}": the name is in use',
                "Remove that kernel first, or choose another name.",
            )
        if len(self._kernels) >= _MAX_KERNELS:
            raise RequestError(
                "too_many_kernels", f"Cannot start more than {_MAX_KERNELS} kernels", "Remove a kernel first."
            )
        kernel = Kernel(name, spec_name, spec.forked, self._folder / name, secrets.token_hex(16))
        if len(os.fsencode(kernel.folder / "z-1")) > MAX_SOCKET_PATH_BYTES:
            raise RequestError(
                "invalid_argument",
                f"Cannot start a kernel in {kernel.folder}: paths of its sockets exceed {MAX_SOCKET_PATH_BYTES} bytes",
            )
        self._kernels[name] = kernel
        try:
            await asyncio.wait_for(self._bring_up(kernel, spec), _START_S)
        except (LauncherFailed, TimeoutError, OSError) as error:
            timed_out = f"it was not ready within {_START_S:.0f} s{self._link.trouble}"
            reason = timed_out if isinstance(error, TimeoutError) else str(error)
            if self._kernels.get(name) is kernel:
                await self._remove(kernel)
            raise RequestError(
                "kernel_start_failed", f'Cannot start the kernel "{spec_name}": {reason}', "Try again."
            ) from error
        kernel.bound = True
        return {"forked": kernel.forked, "key": kernel.key, "ports": dict(PORTS)}

    async def _bring_up(self, kernel: Kernel, spec: Spec) -> None:
        delete_tree(kernel.folder)
        kernel.folder.mkdir(mode=0o700)
        kernel.connection_file.write_text(json.dumps(kernel.connection()))
        if kernel.forked:
            await self._link.fork(kernel.name, kernel.folder, kernel.key)
            return
        with (kernel.folder / "stdout").open("ab") as out, (kernel.folder / "stderr").open("ab") as err:
            env = {
                **os.environ,
                KERNEL_VARIABLE: kernel.name,
                # Without this ipykernel prints advice for people at a terminal.
                "JPY_PARENT_PID": str(os.getpid()),
                "IPYTHONDIR": str(self._folder / ".launcher/ipython"),
                **spec.env,
            }
            argv = spec.command(kernel.connection_file)
            kernel.pid = spawn(
                argv,
                env,
                cwd=self._workspace,
                stdout=out.fileno(),
                stderr=err.fileno(),
                task_bound=self._task_bound,
            )
        sockets = [kernel.folder / f"z-{port}" for port in PORTS.values()]
        while not all(path.exists() for path in sockets):
            if kernel.exit is not None:
                raise LauncherFailed(
                    f"its process ended with {kernel.exit.signal or kernel.exit.code}; see its stderr file"
                )
            await asyncio.sleep(0.005)

    def _signal(self, kernel: Kernel, what: str) -> Answer:
        if not kernel.alive or kernel.pid is None:
            raise RequestError("kernel_ended", f'Cannot signal the kernel "{kernel.name}": it has ended')
        if what == "KILL":
            kernel.asked_to_end = True
            self._monitor.end_tree(kernel.name)
            return {}
        # To the process group, as jupyter_client does: a cell may be waiting for a program that it started.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(kernel.pid, signal.Signals[f"SIG{what}"])
        return {}

    async def _remove(self, kernel: Kernel) -> Answer:
        kernel.asked_to_end = True
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + _END_S
        while (self._monitor.end_tree(kernel.name) or kernel.alive) and clock() < give_up_at:
            await asyncio.sleep(0.002)
        self._link.kernel_ended(kernel.name)
        delete_tree(kernel.folder)
        self._delete_spill(kernel)
        self._kernels.pop(kernel.name, None)
        if not any(other.alive for other in self._kernels.values()):
            self._monitor.end_tree(STRAY)  # no kernel is left that they could belong to
        return {}

    def _delete_spill(self, kernel: Kernel) -> None:
        if (folder := spill_folder(self._resources, kernel.name)) is not None:
            delete_tree(folder)

    def _list_lost_kernels(self) -> None:
        """Lists kernels of an earlier supervisor, which ended with it: the agent reads their folders before it removes them."""
        for folder in self._folder.iterdir():
            if not is_kernel_name(folder.name) or not folder.is_dir() or folder.is_symlink():
                continue
            spec, key = _read_connection(folder / "connection.json")
            forked = (folder / "spool").exists()
            self._kernels[folder.name] = Kernel(folder.name, spec, forked, folder, key, exit=LOST)

    def _on_ready(self) -> None:
        self._publish(render_event("ready"))

    def _on_forked(self, name: str, pid: int) -> None:
        process = read_process(pid)
        if pid not in self._unclaimed and (process is None or process.parent != os.getpid()):
            raise ValueError(f"process {pid} is not a child of this supervisor")
        kernel = self._kernels.get(name)
        if kernel is None or kernel.asked_to_end:  # removed while it was starting
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            return
        kernel.pid = pid
        kernel.baseline_bytes = self._link.resident_bytes
        if (exit_code := self._unclaimed.pop(pid, None)) is not None:
            self._ended(kernel, exit_code)

    def _reap(self) -> None:
        """Collects every child that has ended: the launcher, kernels, and orphans that this process has adopted."""
        by_pid = {kernel.pid: kernel for kernel in self._kernels.values() if kernel.alive}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            exit_code = os.waitstatus_to_exitcode(status)
            if pid == self._link.pid:
                self._link.ended(exit_code)
            elif (kernel := by_pid.get(pid)) is not None:
                self._ended(kernel, exit_code)
            else:
                self._unclaimed[pid] = exit_code
                while len(self._unclaimed) > 100:
                    self._unclaimed.popitem(last=False)

    def _count_oom_kills(self) -> int | None:
        return None if self._cgroup is None else self._cgroup.oom_kills()

    def _ended(self, kernel: Kernel, exit_code: int) -> None:
        by_signal = "KILL" if exit_code == -signal.SIGKILL else None
        by_system = self._oom_kills.explains(
            signal=by_signal, asked_for=kernel.asked_to_end, by_watchdog=kernel.ended_for is not None
        )
        kernel.exit = exit_of(exit_code, kernel.ended_for or ("memory" if by_system else None))
        _log.info("kernel.ended kernel=%s exit=%s", kernel.name, kernel.exit)
        self._monitor.end_tree(kernel.name)
        self._delete_spill(kernel)
        self._link.kernel_ended(kernel.name)
        if kernel.bound:
            self._publish(render_event("exited", kernel=kernel.name, exit=kernel.exit.to_json()))


def _read_connection(file: Path) -> tuple[str, str]:
    """Kernelspec and key of a kernel that has ended. It may have overwritten them: they are only listed, never used."""
    try:
        with file.open("rb") as source:
            value = json.loads(source.read(64 * 1024))
    except (OSError, ValueError):
        return "", ""
    if not isinstance(value, Mapping):
        return "", ""
    return str(value.get("kernel_name", ""))[:100], str(value.get("key", ""))[:100]
