"""Measures a runner's storage when that may matter, and tells whom to stop."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from grad_runner.agent.volume.decide import Storage
from grad_runner.agent.volume.measure import Usage, measure
from grad_runner.common.errors import GradError
from grad_runner.common.log import log

_LOOK_SECONDS: Final = 0.25
"""Between two looks at the free space of the disk while code runs; each is one system call."""
_IDLE_LOOK_SECONDS: Final = 5.0
_NOBODY: Final = ""
"""Stands for an execution while none runs."""
_HINT: Final = (
    "Delete files below code/ or outputs/, for example by code with os.remove; or destroy the runner and make one with more "
    "`--storage`."
)


@dataclass(slots=True)
class StorageWatch:
    """`folders` are those of user code and uploads; `unseen_bytes` is what `measure` does not see of the same disk. Without a
    limit nothing is measured."""

    limit_bytes: int
    folders: Sequence[Path]
    measure: Callable[[Sequence[Path], int], Usage] = measure
    free_bytes: Callable[[Path], int] = lambda folder: _free_bytes(folder)
    clock: Callable[[], float] = time.monotonic
    unseen_bytes: Callable[[], Awaitable[int]] = lambda: nothing_unseen()
    storage: Storage = field(init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.storage = Storage(self.limit_bytes)

    async def run(
        self,
        running: Callable[[], Iterable[str]],
        stop: Callable[[str, str], None],
        stop_all: Callable[[str], None],
    ) -> None:
        """Never returns, unless there is no limit. `running` are the executions that run now.

        `stop(execution, reason)` is called once for each that adds to a full storage; `stop_all(reason)` where that is done by
        threads or programs that go on without an execution. Code that only reads or deletes is not stopped.
        """
        used_at_start: dict[str, int] = {}
        stopped: set[str] = set()
        while self.limit_bytes:
            names = list(running()) or [_NOBODY]
            used_at_start = {name: used_at_start.get(name, self.storage.usage.bytes) for name in names}
            stopped.intersection_update(names)
            with suppress(OSError):  # the next look may succeed
                await self._refresh(active=names != [_NOBODY])
            for name in names:
                if name not in stopped and self.storage.must_end(used_at_start[name]):
                    reason = self.storage.fault() or ""
                    if name == _NOBODY:
                        used_at_start.clear()
                        stop_all(reason)
                        continue
                    stopped.add(name)
                    self.storage.ended(used_at_start[name])
                    stop(name, reason)
            await asyncio.sleep(_IDLE_LOOK_SECONDS if names == [_NOBODY] else _LOOK_SECONDS)

    async def require_room(self, more_bytes: int) -> None:
        """Raises GradError `storage_full` if so many bytes more do not fit."""
        if not self.limit_bytes:
            return
        await self._refresh(more_bytes=more_bytes)
        if self.storage.fault(more_bytes) is not None:
            await self._refresh(now=True)  # files may have been deleted since
        if (fault := self.storage.fault(more_bytes)) is not None:
            raise GradError("storage_full", f"Cannot add to the runner: {fault}", _HINT)

    async def require_accepting(self) -> None:
        """Raises GradError `storage_full` while no execution is accepted."""
        if not self.limit_bytes or self.storage.fault() is None:
            return
        if not self.storage.accepts_executions():
            await self._refresh(now=True)  # files may have been deleted since
        if not self.storage.accepts_executions():
            fault = self.storage.fault()
            raise GradError(
                "storage_full",
                f"Cannot run code: {fault}, and {self.storage.ended_while_full} executions in a row have added to it",
                "Free space without code: `gractl file put` of an empty file over a large one, or `gractl runner destroy`.",
            )

    async def _refresh(self, *, active: bool = False, more_bytes: int = 0, now: bool = False) -> bool:
        """Measures `now`, or if that is due; returns whether it has. Raises OSError."""
        async with self._lock:
            free = self.free_bytes(self.folders[0])
            self.storage.looked(free)
            began = self.clock()
            if not now and not self.storage.is_due(began, active=active, more_bytes=more_bytes):
                return False
            had_fault = self.storage.fault()
            usage = await asyncio.to_thread(self.measure, self.folders, self.storage.max_files)
            usage = replace(usage, bytes=usage.bytes + await self.unseen_bytes())
            self.storage.measured(usage, free_bytes=free, began=began, ended=self.clock())
            if (fault := self.storage.fault()) is not None and had_fault is None:
                log("warn", "storage.full", fault=fault)
            return True


async def nothing_unseen() -> int:
    """Of a process that sees everything."""
    return 0


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
