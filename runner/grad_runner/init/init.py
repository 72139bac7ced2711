"""The init itself: one event loop that starts components, reaps, starts again, and ends all in order."""

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field

from grad_runner.common.log import log
from grad_runner.common.mounts import detach_below
from grad_runner.init.life import Life
from grad_runner.init.plan import Component, Plan
from grad_runner.init.spawn import kill_group, reap, spawn

STOP_ORDER = ("kernel", "agent", "data")
"""User code first, the one that journals it next, mounts last; components not named here come before all."""
EXIT_NOT_STARTED = 127
MAX_GRACE_MS = 60_000


@dataclass(slots=True)
class Kept:
    """A component with its lives; `gone` is set while no process of it runs."""

    component: Component
    life: Life = field(default_factory=Life)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Init:
    """Call `start` once inside a running loop; `stop` may be called often, and later calls wait for the
    first."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stopped = asyncio.Event()
        self._kept = {component.name: Kept(component) for component in plan.components}
        self._stopping = False

    def start(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)
        for kept in self._kept.values():
            self._start_component(kept)

    def status(self) -> dict[str, object]:
        components = {
            name: {
                "pid": kept.life.pid,
                "restarts": kept.life.restarts,
                "lastExit": kept.life.last_exit,
                "alive": kept.life.pid is not None,
            }
            for name, kept in self._kept.items()
        }
        return {"ok": True, "runner": self.plan.runner, "pid": os.getpid(), "components": components}

    async def stop(self, grace_ms: int) -> None:
        """Ends the components one after the other, then whatever they left, then the mounts; sets `stopped`."""
        if self._stopping:
            await self.stopped.wait()
            return
        self._stopping = True
        log("info", "init.stopping", graceMs=grace_ms)
        rank = {name: number for number, name in enumerate(STOP_ORDER)}
        for kept in sorted(self._kept.values(), key=lambda kept: rank.get(kept.component.name, -1)):
            await self._end_component(kept, min(grace_ms, MAX_GRACE_MS) / 1_000)
        if os.getpid() == 1:  # else -1 would be everybody's processes
            kill_everyone()
        detach_below(self.plan.data_mount_root)
        self.stopped.set()

    def _start_component(self, kept: Kept) -> None:
        if self._stopping:
            return
        try:
            pid = spawn(kept.component)
        except OSError as error:
            log("error", "component.not_started", component=kept.component.name, error=str(error))
            self._component_ended(kept, EXIT_NOT_STARTED)
            return
        kept.gone.clear()
        kept.life.started(pid, asyncio.get_running_loop().time())
        log("info", "component.started", component=kept.component.name, pid=pid, restarts=kept.life.restarts)

    def _reap(self) -> None:
        by_pid = {kept.life.pid: kept for kept in self._kept.values() if kept.life.pid is not None}
        for pid, exit_code in reap():
            if pid in by_pid:
                kill_group(pid, signal.SIGKILL)  # its children hold what the next life needs: sockets, mounts
                self._component_ended(by_pid[pid], exit_code)

    def _component_ended(self, kept: Kept, exit_code: int) -> None:
        loop = asyncio.get_running_loop()
        wait_seconds = kept.life.ended(exit_code, loop.time())
        kept.gone.set()
        if self._stopping:
            return
        log(
            "warn",
            "component.ended",
            component=kept.component.name,
            exit=exit_code,
            againInSeconds=wait_seconds,
        )
        loop.call_later(wait_seconds, self._start_component, kept)

    async def _end_component(self, kept: Kept, grace_seconds: float) -> None:
        pid = kept.life.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_seconds):
                await kept.gone.wait()
        except TimeoutError:
            log("warn", "component.killed", component=kept.component.name)
            kill_group(pid, signal.SIGKILL)
            await kept.gone.wait()


def kill_everyone() -> None:
    """Ends every other process of the init's pid namespace."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
