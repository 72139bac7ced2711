"""Executions on the disk: `executions/<id>/{request.json,journal,summary}`. The request's file has two lines: what was asked
for, and, once it is sent to a kernel, where its run began.

The folder is made with O_EXCL semantics before a kernel sees any code: that is what makes an idempotency key run once.
"""

import json
import os
import shutil
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

from grad_runner.agent.names import is_execution_id
from grad_runner.agent.storage.events import apply
from grad_runner.agent.storage.execution_dir_pool import Spares
from grad_runner.agent.storage.journal import Journal
from grad_runner.agent.storage.record import Record, Request
from grad_runner.agent.timestamps import timestamp
from grad_runner.common.log import log
from grad_runner.gen.grad.v1 import execution_pb2 as pb


@dataclass(frozen=True, slots=True)
class RunStart:
    """Where a run began: written before its code is sent, so that an agent that is started again can go on from there."""

    kernel: str
    generation: int
    spool: int
    stdout: int
    stderr: int

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        numbers = (told["generation"], told["spool"], told["stdout"], told["stderr"])
        return cls(str(told["kernel"]), *(int(number) for number in numbers))


_REQUEST: Final = tuple(field.name for field in fields(Request))
_START: Final = tuple(field.name for field in fields(RunStart))
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
_SHORT_JOURNAL_BYTES: Final = 64 * 1024


class Store:
    def __init__(self, state: Path) -> None:
        self._folder = state / "executions"
        # Open from the request's line to the run's: a file less is made while somebody waits.
        self._requests: dict[str, int] = {}
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.spares = Spares(self._folder)

    def create(self, request: Request) -> Record:
        """Raises FileExistsError for an id that is there, OSError for a full disk."""
        folder = self._folder / request.id
        files = self.spares.take(folder)
        self._requests[request.id] = files.request
        journal = Journal.opened(folder / "journal", files.journal)
        try:
            line = json.dumps({name: getattr(request, name) for name in _REQUEST}).encode() + b"\n"
            _write_to(files.request, line)
            return Record(request, folder, journal, execution_of(request))
        except OSError:
            journal.close()
            self._close_request(request.id)
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def load(self) -> list[Record]:
        """All that are there, oldest first. What a crash left half-made never ran and is removed."""
        records: list[Record] = []
        for folder in self._folder.iterdir():
            if Spares.is_spare(folder):
                shutil.rmtree(folder, ignore_errors=True)
                continue
            try:
                records.append(_load(folder))
            except (OSError, ValueError, KeyError, TypeError) as error:
                log("warn", "execution.unreadable", execution=folder.name, error=repr(error)[:300])
                shutil.rmtree(folder, ignore_errors=True)
        records.sort(key=lambda record: record.request.queued_ns)
        return records

    def started(self, record: Record, start: RunStart) -> None:
        """Torn by a crash it is none: the code is sent after it is there."""
        fd = self._requests.get(record.id)
        if fd is None:  # it waited while an earlier agent ended
            fd = self._requests[record.id] = os.open(
                record.folder / "request.json", os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
            )
        _write_to(fd, json.dumps({name: getattr(start, name) for name in _START}).encode() + b"\n")

    def start_of(self, record: Record) -> RunStart | None:
        """None for one that has not been sent to a kernel."""
        try:
            lines = (record.folder / "request.json").read_bytes().splitlines()
            return RunStart.of(json.loads(lines[-1])) if len(lines) > 1 else None
        except (ValueError, KeyError, TypeError):
            return None

    def summarise(self, record: Record) -> None:
        """At its end. Saves reading a long journal when the agent starts the next time. Best effort."""
        self._close_request(record.id)
        if record.journal.size_bytes < _SHORT_JOURNAL_BYTES:
            return
        temporary = record.folder / "summary.new"
        try:
            _write(temporary, record.execution.SerializeToString())
            os.rename(temporary, record.folder / "summary")  # a torn one could be read for a whole one
        except OSError as error:
            log("warn", "execution.not_summarised", execution=record.id, error=str(error))

    def _close_request(self, name: str) -> None:
        fd = self._requests.pop(name, None)
        if fd is not None:
            os.close(fd)

    def remove(self, record: Record) -> None:
        self._close_request(record.id)
        shutil.rmtree(record.folder, ignore_errors=True)


def execution_of(request: Request) -> pb.Execution:
    return pb.Execution(
        id=request.id,
        session=request.session,
        kernel=request.kernel,
        status=pb.EXECUTION_STATUS_QUEUED,
        queued_at=timestamp(request.queued_ns),
        code_path=request.code_path,
        deadline_ms=request.deadline_ms,
    )


def _load(folder: Path) -> Record:
    if not is_execution_id(folder.name):
        raise ValueError("the folder's name is no execution's")
    line = (folder / "request.json").read_bytes().partition(b"\n")[0]
    request = Request(**json.loads(line))
    try:
        execution = pb.Execution.FromString((folder / "summary").read_bytes())
        return Record(request, folder, Journal.finished(folder / "journal"), execution)
    except Exception:  # noqa: BLE001 - missing or damaged: the journal has it all
        journal = Journal.recover(folder / "journal")
    execution = execution_of(request)
    for event in journal.events():
        apply(execution, event)
    record = Record(request, folder, journal, execution)
    if record.done:
        journal.close()
    return record


def _write(path: Path, data: bytes) -> None:
    fd = os.open(path, _NEW | os.O_TRUNC, 0o600)
    try:
        _write_to(fd, data)
    finally:
        os.close(fd)


def _write_to(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
