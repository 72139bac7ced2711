"""Executions on the disk: `executions/<id>/{request.json,run.json,journal,summary}`.

The folder is made with O_EXCL semantics before a kernel sees any code: that is what makes an idempotency key run once.
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from grad_runner.agent.events import apply, timestamp
from grad_runner.agent.journal import Journal
from grad_runner.agent.names import is_execution_id
from grad_runner.agent.record import Record, Request
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


class Store:
    def __init__(self, state: Path) -> None:
        self._folder = state / "executions"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def create(self, request: Request) -> Record:
        """Raises FileExistsError for an id that is there, OSError for a full disk."""
        folder = self._folder / request.id
        folder.mkdir(mode=0o700)
        try:
            _write(folder / "request.json", json.dumps(asdict(request)).encode())
            return Record(request, folder, Journal.create(folder / "journal"), execution_of(request))
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def load(self) -> list[Record]:
        """All that are there, oldest first. What a crash left half-made never ran and is removed."""
        records: list[Record] = []
        for folder in self._folder.iterdir():
            try:
                records.append(_load(folder))
            except (OSError, ValueError, KeyError, TypeError) as error:
                log("warn", "execution.unreadable", execution=folder.name, error=repr(error)[:300])
                shutil.rmtree(folder, ignore_errors=True)
        records.sort(key=lambda record: record.request.queued_ns)
        return records

    def started(self, record: Record, start: RunStart) -> None:
        _write(record.folder / "run.json", json.dumps(asdict(start)).encode())

    def start_of(self, record: Record) -> RunStart | None:
        """None for one that has not been sent to a kernel."""
        try:
            return RunStart.of(json.loads((record.folder / "run.json").read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return None

    def summarise(self, record: Record) -> None:
        """Saves reading its journal when the agent starts the next time. Best effort."""
        try:
            _write(record.folder / "summary", record.execution.SerializeToString())
        except OSError as error:
            log("warn", "execution.not_summarised", execution=record.id, error=str(error))

    def remove(self, record: Record) -> None:
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
    request = Request(**json.loads((folder / "request.json").read_bytes()))
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
    """The whole file or none, for processes that are killed (not for machines that lose power)."""
    temporary = path.with_name(path.name + ".new")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
    finally:
        os.close(fd)
    os.rename(temporary, path)
