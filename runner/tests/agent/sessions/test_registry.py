"""Recovery of sessions, with a kernel component that starts nothing."""

import asyncio
import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grad_runner.agent.sessions.context import SessionContext
from grad_runner.agent.sessions.registry import SessionRegistry
from grad_runner.agent.storage.record import Record, Request
from grad_runner.agent.storage.store import Store
from grad_runner.common.errors import GradError
from grad_runner.gen.grad.v1 import execution_pb2 as pb


class NoKernels:
    async def remove(self, kernel: str) -> None:
        """There is none."""

    async def start(self, kernel: str, spec: str) -> None:
        raise GradError("runner_unavailable", "No kernels here")


@pytest.fixture
def context(tmp_path: Path) -> Iterator[SessionContext]:
    root = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield cast(
        SessionContext,
        SimpleNamespace(
            component=NoKernels(),
            store=Store(tmp_path),
            workspace=SimpleNamespace(root=root),
            sessions_dir=tmp_path / "sessions",
            on_finished=lambda record: None,
        ),
    )
    os.close(root)


def queued(context: SessionContext, session: str) -> Record:
    request = Request(f"r-{session}", session, "python3", "1", "", 0, 1, "f", f"code/r-{session}.py")
    return context.store.create(request)


def fill_disk(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def append(events: Sequence[pb.Event]) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(record.journal, "append", append)


async def recover(context: SessionContext, records: list[Record]) -> None:
    """Until every record has finished."""
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(30):
        registry = SessionRegistry(context, "r-", tasks)
        registry.recover(records, {})
        assert registry.recovered.is_set()
        for record in records:
            while not record.done:
                await record.changed.wait(asyncio.get_running_loop().time() + 1)
        registry.stop()


async def test_recover_runs_what_was_queued(context: SessionContext) -> None:
    records = [queued(context, "a"), queued(context, "b")]
    await recover(context, records)
    for record in records:
        kinds = [event.WhichOneof("kind") for event in record.read(1, 1000)]
        assert kinds == ["queued", "error", "finished"]
        assert record.execution.error.message == "Cannot start the kernel: No kernels here"


async def test_recover_goes_on_where_the_disk_is_full(
    context: SessionContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, good = queued(context, "a"), queued(context, "b")
    fill_disk(full, monkeypatch)
    await recover(context, [full, good])
    assert (full.execution.status, full.execution.error.code) == (pb.EXECUTION_STATUS_LOST, "storage_full")
    events: list[Any] = [event.WhichOneof("kind") for event in full.read(1, 1000)]
    assert events == ["error", "finished"]
    assert good.execution.status == pb.EXECUTION_STATUS_CRASHED
