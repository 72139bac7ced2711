"""The init: one event loop that starts the components of a runner, reaps and restarts them, and ends all in order."""

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field

from grad_runner.common.log import log
from grad_runner.common.mounts import detach_below
from grad_runner.init.plan import Component, Plan
from grad_runner.init.restart_policy import RestartPolicy
from grad_runner.init.spawn import kill_group, reap, spawn

STOP_ORDER = ("kernel", "agent", "data")
"""User code first, then the agent that journals what it wrote, mounts last; any other component ends before these."""
EXIT_NOT_STARTED = 127
"""Exit code recorded for a component whose program could not be executed, as a shell does."""
MAX_GRACE_MS = 60_000
"""The most time that `stop` gives each component between SIGTERM and SIGKILL."""


@dataclass(slots=True)
class ManagedProcess:
    """A component and the state of its process; `gone` is set while no process of it runs."""

    component: Component
    policy: RestartPolicy = field(default_factory=RestartPolicy)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Init:
    """Call `start` once inside a running loop; `stop` may be called again, and later calls wait for the first."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stopped = asyncio.Event()
        self._processes = {component.name: ManagedProcess(component) for component in plan.components}
        self._stopping = False

    def start(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)
        for process in self._processes.values():
            self._start_component(process)

    def status(self) -> dict[str, object]:
        components = {
            name: {
                "pid": process.policy.pid,
                "restarts": process.policy.restarts,
                "lastExit": process.policy.last_exit,
                "alive": process.policy.pid is not None,
            }
            for name, process in self._processes.items()
        }
        return {"ok": True, "runner": self.plan.runner, "pid": os.getpid(), "components": components}

    async def stop(self, grace_ms: int) -> None:
        """Ends the components one after the other, then every process that they left, then the mounts; sets `stopped`.

        Each component gets SIGTERM, and SIGKILL after `grace_ms` milliseconds (at most MAX_GRACE_MS).
        """
        if self._stopping:
            await self.stopped.wait()
            return
        self._stopping = True
        log("info", "init.stopping", graceMs=grace_ms)
        rank = {name: number for number, name in enumerate(STOP_ORDER)}
        for process in sorted(
            self._processes.values(), key=lambda process: rank.get(process.component.name, -1)
        ):
            await self._end_component(process, min(grace_ms, MAX_GRACE_MS) / 1_000)
        if os.getpid() == 1:  # anywhere else, kill(-1) would reach processes that are not the runner's
            kill_all_processes()
        detach_below(self.plan.data_mount_root)
        for _ in range(2):
            await asyncio.sleep(0)  # what the components wrote last is still to be read from their pipes
        self.stopped.set()

    def _start_component(self, process: ManagedProcess) -> None:
        if self._stopping:
            return
        try:
            pid = spawn(process.component)
        except OSError as error:
            log("error", "component.not_started", component=process.component.name, error=str(error))
            self._component_ended(process, EXIT_NOT_STARTED)
            return
        process.gone.clear()
        process.policy.started(pid, asyncio.get_running_loop().time())
        log(
            "info",
            "component.started",
            component=process.component.name,
            pid=pid,
            restarts=process.policy.restarts,
        )

    def _reap(self) -> None:
        by_pid = {
            process.policy.pid: process
            for process in self._processes.values()
            if process.policy.pid is not None
        }
        for pid, exit_code in reap():
            if pid in by_pid:
                kill_group(
                    pid, signal.SIGKILL
                )  # its children may hold what the next process needs: sockets, mounts
                self._component_ended(by_pid[pid], exit_code)

    def _component_ended(self, process: ManagedProcess, exit_code: int) -> None:
        loop = asyncio.get_running_loop()
        wait_seconds = process.policy.ended(exit_code, loop.time())
        process.gone.set()
        if self._stopping:
            return
        log(
            "warn",
            "component.ended",
            component=process.component.name,
            exit=exit_code,
            againInSeconds=wait_seconds,
        )
        loop.call_later(wait_seconds, self._start_component, process)

    async def _end_component(self, process: ManagedProcess, grace_seconds: float) -> None:
        pid = process.policy.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_seconds):
                await process.gone.wait()
        except TimeoutError:
            log("warn", "component.killed", component=process.component.name)
            kill_group(pid, signal.SIGKILL)
            await process.gone.wait()


def kill_all_processes() -> None:
    """SIGKILLs every other process of the init's pid namespace."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
