"""One execution as it is kept: what was asked, its journal, and what is known of it. `store.py` has the folders."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grad_runner.agent.storage.events import apply
from grad_runner.agent.storage.journal import Journal
from grad_runner.agent.storage.notifier import Bell
from grad_runner.agent.timestamps import timestamp
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_SLOW_SYNC_SECONDS: Final = 0.001
_SYNC_EVERY_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Request:
    """`kernel` and `session` are resolved; `fingerprint` tells whether a second call asks for the same."""

    id: str
    session: str
    kernel: str
    code: str
    params_json: str
    deadline_ms: int
    queued_ns: int
    fingerprint: str
    code_path: str


class Record:
    """Events before `visible` may be shown; those from it on are not yet known to be on the disk."""

    _slow_sync = False

    def __init__(self, request: Request, folder: Path, journal: Journal, execution: pb.Execution) -> None:
        self.request = request
        self.folder = folder
        self.execution = execution
        self.visible = journal.next_seq
        self.changed = Bell()
        self.has_output = False
        self.is_ending = False
        self._journal = journal
        self._synced_at = time.monotonic()

    @property
    def id(self) -> str:
        return self.request.id

    @property
    def done(self) -> bool:
        return self.execution.status > pb.EXECUTION_STATUS_RUNNING

    @property
    def journal(self) -> Journal:
        return self._journal

    def add(self, *events: pb.Event) -> None:
        """Numbers, dates, journals and shows the events. Raises OSError."""
        self._write(events)
        self._show(events)

    async def finish(self, *events: pb.Event) -> None:
        """As `add` for the last ones: they are on the disk before anyone sees them."""
        self._write(events)
        await self._sync()
        self._show(events)

    def finish_unkept(self, *events: pb.Event) -> None:
        """Ends it in memory only: the disk took nothing any more."""
        for event in events:
            apply(self.execution, event)
        self.changed.ring()

    def close(self) -> None:
        """Once nobody adds or syncs any more; reading goes on."""
        self._journal.close()

    def sync_is_due(self) -> bool:
        """At most half a second of what has been shown is not on the disk: call `sync` then. True once for each time."""
        now = time.monotonic()
        if not self._journal.unsynced_bytes or now - self._synced_at < _SYNC_EVERY_SECONDS:
            return False
        self._synced_at = now
        return True

    async def sync(self) -> None:
        await asyncio.to_thread(self._journal.sync)

    def read(self, from_seq: int, max_bytes: int) -> list[pb.Event]:
        """Events that may be shown, from the cursor on."""
        if from_seq >= self.visible:
            return []
        events = self._journal.read(from_seq, max_bytes)
        return (
            events if self._journal.next_seq == self.visible else [e for e in events if e.seq < self.visible]
        )

    def _write(self, events: tuple[pb.Event, ...]) -> None:
        seq = self._journal.next_seq
        stamp = timestamp(time.time_ns())
        for number, event in enumerate(events, seq):
            event.seq = number
            event.time.CopyFrom(stamp)
        self._journal.append(events)

    def _show(self, events: tuple[pb.Event, ...]) -> None:
        for event in events:
            apply(self.execution, event)
            self.has_output = self.has_output or event.WhichOneof("kind") not in ("queued", "started")
        self.visible = self._journal.next_seq
        self.changed.ring()

    async def _sync(self) -> None:
        # A good disk takes 0.2 ms, less than going to another thread and back; a slow one would stop everybody.
        took = await asyncio.to_thread(self._timed_sync) if Record._slow_sync else self._timed_sync()
        Record._slow_sync = took > _SLOW_SYNC_SECONDS

    def _timed_sync(self) -> float:
        began = time.monotonic()
        self._journal.sync()
        return time.monotonic() - began
