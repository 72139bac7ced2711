"""Executions on the disk: `executions/<id>/{request.json,journal,summary}`.

`request.json` has two lines: the request, and, once its code is sent to a kernel, where the run began in the kernel's files.
The folder is created exclusively before a kernel sees any code: that makes an idempotency key run once.
"""

import json
import os
import shutil
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

from grad_runner.agent.names import is_execution_id
from grad_runner.agent.storage.events import apply
from grad_runner.agent.storage.execution_dir_pool import ExecutionDirPool
from grad_runner.agent.storage.journal import Journal
from grad_runner.agent.storage.record import Record, Request
from grad_runner.agent.timestamps import timestamp
from grad_runner.common.log import log
from grad_runner.gen.grad.v1 import execution_pb2 as pb


@dataclass(frozen=True, slots=True)
class RunStart:
    """Where a run began: the kernel, and how long its files were, in bytes. Written before the code is sent, so that an agent
    that is started again can go on from there."""

    kernel: str
    generation: int
    spool: int
    stdout: int
    stderr: int

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> Self:
        """Raises KeyError, ValueError, TypeError."""
        numbers = (fields["generation"], fields["spool"], fields["stdout"], fields["stderr"])
        return cls(str(fields["kernel"]), *(int(number) for number in numbers))


_REQUEST: Final = tuple(field.name for field in fields(Request))
_START: Final = tuple(field.name for field in fields(RunStart))
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
_SHORT_JOURNAL_BYTES: Final = 64 * 1024


class Store:
    def __init__(self, state: Path) -> None:
        self._folder = state / "executions"
        # `request.json` of each execution that waits: kept open for its second line, because opening takes time.
        self._requests: dict[str, int] = {}
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.pool = ExecutionDirPool(self._folder)

    def create(self, request: Request) -> Record:
        """Raises FileExistsError for an id that exists, OSError for a full disk."""
        folder = self._folder / request.id
        files = self.pool.take(folder)
        self._requests[request.id] = files.request
        journal = Journal.create(folder / "journal", files.journal)
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
        """All executions, oldest first. One that a crash left incomplete never ran and is deleted."""
        records: list[Record] = []
        for folder in self._folder.iterdir():
            if ExecutionDirPool.is_pooled(folder):
                shutil.rmtree(folder, ignore_errors=True)
                continue
            try:
                records.append(_load(folder))
            except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
                log("warn", "execution.incomplete", execution=folder.name, error=repr(error)[:300])
                shutil.rmtree(folder, ignore_errors=True)
            except OSError as error:  # the disk: it may be readable at the next start
                log("error", "execution.unreadable", execution=folder.name, error=str(error))
        records.sort(key=lambda record: record.request.queued_ns)
        return records

    def record_start(self, record: Record, start: RunStart) -> None:
        """Call it before the code is sent. A line that a crash cut off means that the code was not sent."""
        fd = self._requests.get(record.id)
        if fd is None:  # an earlier agent queued it
            fd = self._requests[record.id] = os.open(
                record.folder / "request.json", os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
            )
        _write_to(fd, json.dumps({name: getattr(start, name) for name in _START}).encode() + b"\n")

    def start_of(self, record: Record) -> RunStart | None:
        """None for an execution that was not sent to a kernel, or whose file cannot be read."""
        try:
            lines = (record.folder / "request.json").read_bytes().splitlines()
            return RunStart.parse(json.loads(lines[-1])) if len(lines) > 1 else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def code_of(self, record: Record) -> str:
        """As it was submitted; "" if its file cannot be read."""
        try:
            line = (record.folder / "request.json").read_bytes().partition(b"\n")[0]
            return str(json.loads(line)["code"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def write_summary(self, record: Record) -> None:
        """Call it at the end of an execution. Saves reading a long journal when the agent starts again. Best effort."""
        self._close_request(record.id)
        if record.journal.size_bytes < _SHORT_JOURNAL_BYTES or not record.is_journaled:
            return
        temporary = record.folder / "summary.new"
        try:
            _write(temporary, record.execution.SerializeToString())
            os.rename(
                temporary, record.folder / "summary"
            )  # by a rename: a half-written summary would look complete
        except OSError as error:
            log("warn", "execution.summary_not_written", execution=record.id, error=str(error))

    def _close_request(self, name: str) -> None:
        fd = self._requests.pop(name, None)
        if fd is not None:
            os.close(fd)

    def remove(self, record: Record) -> None:
        self._close_request(record.id)
        shutil.rmtree(record.folder, ignore_errors=True)


def execution_of(request: Request) -> pb.Execution:
    """The execution as it is before its first event."""
    return pb.Execution(
        id=request.id,
        session=request.session,
        kernel=request.kernel,
        status=pb.EXECUTION_STATUS_QUEUED,
        queued_at=timestamp(request.queued_ns),
        code_path=request.code_path,
        deadline_ms=request.deadline_ms,
        first_line=request.first_line,
    )


def _load(folder: Path) -> Record:
    if not is_execution_id(folder.name):
        raise ValueError("the name of the folder is not an execution id")
    line = (folder / "request.json").read_bytes().partition(b"\n")[0]
    request = Request(**json.loads(line))
    try:
        execution = pb.Execution.FromString((folder / "summary").read_bytes())
        execution.first_line = request.first_line  # the summary of an earlier version has none
        return Record(request.without_code(), folder, Journal.open_finished(folder / "journal"), execution)
    except Exception:  # noqa: BLE001 - missing or damaged: the journal has everything
        journal = Journal.recover(folder / "journal")
    execution = execution_of(request)
    for event in journal.events():
        apply(execution, event)
    record = Record(request, folder, journal, execution)
    if record.done:
        journal.close()
        record.request = request.without_code()
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
