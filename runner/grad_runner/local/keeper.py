"""The keeper itself: one event loop that starts rooms, reaps, starts again, and ends all in order."""

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field

from grad_runner.common.log import log
from grad_runner.common.mounts import detach_below
from grad_runner.local.life import Life
from grad_runner.local.plan import Plan, Room
from grad_runner.local.spawn import kill_group, reap, spawn

STOP_ORDER = ("kernel", "agent", "data")
"""User code first, the one that journals it next, mounts last; rooms not named here come before all."""
EXIT_NOT_STARTED = 127
LONGEST_GRACE_MS = 60_000


@dataclass(slots=True)
class Kept:
    """A room with its lives; `gone` is set while no process of it runs."""

    room: Room
    life: Life = field(default_factory=Life)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Keeper:
    """Call `start` once inside a running loop; `stop` may be called often, and later calls wait for the
    first."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stopped = asyncio.Event()
        self._kept = {room.name: Kept(room) for room in plan.rooms}
        self._stopping = False

    def start(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)
        for kept in self._kept.values():
            self._start_room(kept)

    def status(self) -> dict[str, object]:
        rooms = {
            name: {
                "pid": kept.life.pid,
                "restarts": kept.life.restarts,
                "lastExit": kept.life.last_exit,
                "alive": kept.life.pid is not None,
            }
            for name, kept in self._kept.items()
        }
        return {"ok": True, "runner": self.plan.runner, "pid": os.getpid(), "rooms": rooms}

    async def stop(self, grace_ms: int) -> None:
        """Ends the rooms one after the other, then whatever they left, then the mounts; sets `stopped`."""
        if self._stopping:
            await self.stopped.wait()
            return
        self._stopping = True
        log("info", "keeper.stopping", graceMs=grace_ms)
        rank = {name: number for number, name in enumerate(STOP_ORDER)}
        for kept in sorted(self._kept.values(), key=lambda kept: rank.get(kept.room.name, -1)):
            await self._end_room(kept, min(grace_ms, LONGEST_GRACE_MS) / 1_000)
        if os.getpid() == 1:  # else -1 would be everybody's processes
            kill_everyone()
        detach_below(self.plan.data_mount_root)
        self.stopped.set()

    def _start_room(self, kept: Kept) -> None:
        if self._stopping:
            return
        try:
            pid = spawn(kept.room)
        except OSError as error:
            log("error", "room.not_started", room=kept.room.name, error=str(error))
            self._room_ended(kept, EXIT_NOT_STARTED)
            return
        kept.gone.clear()
        kept.life.started(pid, asyncio.get_running_loop().time())
        log("info", "room.started", room=kept.room.name, pid=pid, restarts=kept.life.restarts)

    def _reap(self) -> None:
        by_pid = {kept.life.pid: kept for kept in self._kept.values() if kept.life.pid is not None}
        for pid, exit_code in reap():
            if pid in by_pid:
                kill_group(pid, signal.SIGKILL)  # its children hold what the next life needs: sockets, mounts
                self._room_ended(by_pid[pid], exit_code)

    def _room_ended(self, kept: Kept, exit_code: int) -> None:
        loop = asyncio.get_running_loop()
        wait_seconds = kept.life.ended(exit_code, loop.time())
        kept.gone.set()
        if self._stopping:
            return
        log("warn", "room.ended", room=kept.room.name, exit=exit_code, againInSeconds=wait_seconds)
        loop.call_later(wait_seconds, self._start_room, kept)

    async def _end_room(self, kept: Kept, grace_seconds: float) -> None:
        pid = kept.life.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_seconds):
                await kept.gone.wait()
        except TimeoutError:
            log("warn", "room.killed", room=kept.room.name)
            kill_group(pid, signal.SIGKILL)
            await kept.gone.wait()


def kill_everyone() -> None:
    """Ends every other process of the keeper's pid namespace."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
