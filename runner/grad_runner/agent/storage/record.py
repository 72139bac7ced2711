"""One execution as the agent keeps it: what was submitted, its journal and its state. `store.py` has the folders."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from grad_runner.agent.storage.events import apply
from grad_runner.agent.storage.journal import Journal
from grad_runner.agent.storage.notifier import Notifier
from grad_runner.agent.timestamps import timestamp
from grad_runner.common.log import log
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_SLOW_SYNC_SECONDS: Final = 0.001
_SYNC_EVERY_SECONDS: Final = 0.5
_FIRST_LINE_CHARS: Final = 200
_SEARCHED_CHARS: Final = 4_096


@dataclass(frozen=True, slots=True)
class Request:
    """`kernel` and `session` are resolved names; `fingerprint` is equal for two submissions that ask for the same."""

    id: str
    session: str
    kernel: str
    code: str
    params_json: str
    deadline_ms: int
    queued_ns: int
    fingerprint: str
    code_path: str
    code_name: str = ""
    columns: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    """Environment variables."""
    directory: str = ""
    """Where the code runs; "" for where the session is."""

    @property
    def code_chars(self) -> int:
        """Of code and parameters."""
        return len(self.code) + len(self.params_json)

    @property
    def first_line(self) -> str:
        """Of the code, the first that is not blank, shortened: what people know it by in a list. "" once the code is left out."""
        # Up to a bound: code may begin with megabytes of blank lines.
        lines = [
            line.strip() for line in self.code[:_SEARCHED_CHARS].lstrip().split("\n") if line.strip()
        ] or [""]
        # The magic of a cell, such as `%%sql`, says too little.
        line = " ".join(lines[: 2 if lines[0].startswith("%%") else 1])
        return line if len(line) <= _FIRST_LINE_CHARS else line[: _FIRST_LINE_CHARS - 1] + "…"

    def without_code(self) -> "Request":
        """For an execution that has ended: its code is on the disk, and hundreds of them in memory are too much."""
        return replace(self, code="", params_json="", variables={})

    @property
    def kernel_settings(self) -> dict[str, Any]:
        """What a kernel of ours gets beside the code; empty where it is as always."""
        settings = {
            "code_name": self.code_name,
            "columns": self.columns,
            "variables": self.variables,
            "directory": self.directory,
        }
        return {name: value for name, value in settings.items() if value}


class Record:
    """Events before `visible` may be shown to readers; later ones are not yet known to be on the disk."""

    _slow_sync = False
    """The last sync of any journal was slow: the next one runs in another thread."""

    def __init__(self, request: Request, folder: Path, journal: Journal, execution: pb.Execution) -> None:
        self.request = request
        self.folder = folder
        self.execution = execution
        self.visible = journal.next_seq
        self.changed = Notifier()
        self.has_output = False
        self.is_ending = False
        self._journal = journal
        self._unjournaled: tuple[pb.Event, ...] = ()
        self._synced_at = time.monotonic()

    @property
    def id(self) -> str:
        return self.request.id

    @property
    def done(self) -> bool:
        return self.execution.status > pb.EXECUTION_STATUS_RUNNING

    @property
    def is_journaled(self) -> bool:
        """All of its events are in the journal; False after `finish_unjournaled`."""
        return not self._unjournaled

    @property
    def journal(self) -> Journal:
        return self._journal

    def add(self, *events: pb.Event) -> None:
        """Numbers, dates, journals and shows the events. Raises OSError; then none of them is kept or shown."""
        self._number(events)
        self._journal.append(events)
        self._show(events)

    async def finish(self, *events: pb.Event) -> None:
        """As `add`, for the last events: they are on the disk before anyone sees them.

        Raises OSError; then end the execution by `finish_unjournaled`.
        """
        self._number(events)
        self._journal.append(events)
        try:
            try:
                await self._sync()
            except OSError as error:
                log("warn", "journal.sync_failed", execution=self.id, error=str(error), final=True)
                await asyncio.to_thread(self._journal.sync)  # writes again what the disk did not take
        except OSError:
            self._journal.cut(self.visible)
            raise
        self._show(events)

    def finish_unjournaled(self, *events: pb.Event) -> None:
        """Ends the execution in memory only, because the disk does not take its last events.

        An agent that is started again finds the execution unfinished.
        """
        self._number(events)
        self._unjournaled = events
        self._show(events)

    def close(self) -> None:
        """Once nobody adds or syncs any more; reading goes on."""
        self._journal.close()

    def sync_is_due(self) -> bool:
        """Whether events that were shown half a second ago may not be on the disk: call `sync` then. True once each time."""
        now = time.monotonic()
        if not self._journal.unsynced_bytes or now - self._synced_at < _SYNC_EVERY_SECONDS:
            return False
        self._synced_at = now
        return True

    async def sync(self) -> None:
        """Best effort while the execution runs: `finish` writes again what failed here, and reports it if that fails too."""
        try:
            await asyncio.to_thread(self._journal.sync)
        except OSError as error:
            log("warn", "journal.sync_failed", execution=self.id, error=str(error), final=False)

    def read(self, from_seq: int, max_bytes: int) -> list[pb.Event]:
        """Visible events from the cursor on, about `max_bytes` of them."""
        if from_seq >= self.visible:
            return []
        if from_seq >= self._journal.next_seq:
            return [event for event in self._unjournaled if event.seq >= from_seq]
        events = self._journal.read(from_seq, max_bytes)
        return (
            events if self._journal.next_seq <= self.visible else [e for e in events if e.seq < self.visible]
        )

    def _number(self, events: tuple[pb.Event, ...]) -> None:
        stamp = timestamp(time.time_ns())
        for seq, event in enumerate(events, self._journal.next_seq):
            event.seq = seq
            event.time.CopyFrom(stamp)

    def _show(self, events: tuple[pb.Event, ...]) -> None:
        for event in events:
            apply(self.execution, event)
            self.has_output = self.has_output or event.WhichOneof("kind") not in ("queued", "started")
        self.visible = events[-1].seq + 1
        self.changed.notify()

    async def _sync(self) -> None:
        # A good disk takes 0.2 ms, less than going to another thread and back; a slow one would stop every session.
        took = await asyncio.to_thread(self._timed_sync) if Record._slow_sync else self._timed_sync()
        Record._slow_sync = took > _SLOW_SYNC_SECONDS

    def _timed_sync(self) -> float:
        began = time.monotonic()
        self._journal.sync()
        return time.monotonic() - began
