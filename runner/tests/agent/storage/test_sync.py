"""Journals on a disk that fails: an event counts as durable only when it is."""

import asyncio
import os
from pathlib import Path

import pytest

from grad_runner.agent.executions.ending import finish
from grad_runner.agent.storage.journal import Journal
from grad_runner.agent.storage.journal_format import decode
from grad_runner.agent.storage.record import Record, Request
from grad_runner.agent.storage.store import execution_of
from grad_runner.gen.grad.v1 import execution_pb2 as pb
from tests.agent.storage.failing_disk import FailingDisk

REQUEST = Request("r-1", "default", "python3", "1", "", 0, 1, "f", "code/r-1.py")


def journal_on(disk: FailingDisk, folder: Path) -> Journal:
    fd = os.open(folder / "journal", os.O_RDWR | os.O_CREAT, 0o600)
    return Journal.create(folder / "journal", fd, disk.sync)


def record_on(disk: FailingDisk, folder: Path) -> Record:
    record = Record(REQUEST, folder, journal_on(disk, folder), execution_of(REQUEST))
    record.add(pb.Event(queued=pb.Queued()))
    return record


def output(seq: int, size: int = 10) -> pb.Event:
    return pb.Event(seq=seq, stdout=pb.Output(data=b"x" * size))


def seqs(data: bytes) -> list[int]:
    return [pb.Event.FromString(payload).seq for payload, _ in decode(data)]


def finished() -> list[pb.Event]:
    return [pb.Event(finished=pb.Finished(status=pb.EXECUTION_STATUS_SUCCEEDED))]


def test_sync_fails_until_the_disk_has_taken_what_was_written_again(tmp_path: Path) -> None:
    disk = FailingDisk(failures=2)
    journal = journal_on(disk, tmp_path)
    journal.append([output(1)])
    for _ in range(2):
        with pytest.raises(OSError):
            journal.sync()
        assert journal.unsynced_bytes == journal.size_bytes
    journal.sync()
    assert journal.unsynced_bytes == 0
    assert seqs(disk.durable) == [1]
    journal.sync()
    assert disk.calls == 3  # nothing to do
    journal.close()


def test_sync_writes_again_everything_since_the_last_good_one(tmp_path: Path) -> None:
    disk = FailingDisk()
    journal = journal_on(disk, tmp_path)
    journal.append([output(1)])
    journal.sync()
    disk.failures = 1
    journal.append([output(seq, 700_000) for seq in range(2, 6)])  # more than one chunk
    journal.append([output(6, 3_000_000)])  # a record larger than a chunk
    with pytest.raises(OSError):
        journal.sync()
    journal.append([output(7)])
    journal.sync()
    assert seqs(disk.durable) == list(range(1, 8))
    assert [event.seq for event in journal.events()] == list(range(1, 8))
    journal.close()


@pytest.mark.parametrize("lost_bytes", [8, 24])
def test_sync_fails_if_the_file_has_lost_what_was_appended(tmp_path: Path, lost_bytes: int) -> None:
    disk = FailingDisk(failures=1)
    journal = journal_on(disk, tmp_path)
    journal.append([output(1)])
    with pytest.raises(OSError):
        journal.sync()
    assert journal.size_bytes == 24
    with (tmp_path / "journal").open("r+b") as file:
        file.write(b"\0" * lost_bytes)  # some file systems drop the pages that they could not write
    with pytest.raises(OSError, match="read back"):
        journal.sync()
    journal.close()


def test_sync_writes_only_after_a_failure_and_only_what_was_appended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FailingDisk()
    journal = journal_on(disk, tmp_path)
    journal.append([output(1), output(2)])
    written: list[tuple[int, int]] = []
    write = os.pwrite

    def counted(fd: int, data: memoryview, at: int) -> int:
        written.append((at, len(data)))
        return write(fd, data, at)

    monkeypatch.setattr(os, "pwrite", counted)
    journal.sync()
    assert written == []
    begin = journal.size_bytes
    journal.append([output(3), output(4, 20)])
    middle, end = journal.size_bytes - (begin // 2 + 10), journal.size_bytes
    disk.failures = 1
    with pytest.raises(OSError):
        journal.sync()
    written.clear()
    journal.sync()
    assert written == [(begin, middle - begin), (middle, end - middle)]
    written.clear()
    journal.append([output(5)])
    journal.sync()
    assert written == [(end, journal.size_bytes - end)]  # the append alone
    journal.close()


async def test_finish_shows_nothing_before_it_is_on_the_disk(tmp_path: Path) -> None:
    disk = FailingDisk()
    record = record_on(disk, tmp_path)
    await finish(record, finished())
    assert record.execution.status == pb.EXECUTION_STATUS_SUCCEEDED
    assert seqs(disk.durable) == [1, 2]
    record.close()


async def test_finish_succeeds_if_the_disk_takes_the_second_write(tmp_path: Path) -> None:
    disk = FailingDisk(failures=1)
    record = record_on(disk, tmp_path)
    await finish(record, finished())
    assert record.execution.status == pb.EXECUTION_STATUS_SUCCEEDED
    assert seqs(disk.durable) == [1, 2]
    record.close()


async def test_finish_writes_again_what_an_earlier_sync_could_not(tmp_path: Path) -> None:
    disk = FailingDisk(failures=1)
    record = record_on(disk, tmp_path)
    record.add(output(0))
    await record.sync()
    await finish(record, finished())
    assert record.execution.status == pb.EXECUTION_STATUS_SUCCEEDED
    assert seqs(disk.durable) == [1, 2, 3]
    record.close()


async def test_an_execution_whose_end_the_disk_does_not_take_is_shown_as_lost(tmp_path: Path) -> None:
    disk = FailingDisk(failures=100)
    record = record_on(disk, tmp_path)
    record.add(output(0))
    waiting = asyncio.create_task(record.changed.wait(asyncio.get_running_loop().time() + 60))
    await asyncio.sleep(0)
    await finish(record, finished())
    assert await waiting
    assert record.done
    assert record.execution.status == pb.EXECUTION_STATUS_LOST
    assert record.execution.error.code == "execution_lost"
    assert "Input/output error" in record.execution.error.message
    events = [*record.read(1, 1), *record.read(2, 1), *record.read(3, 1000)]
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert [event.WhichOneof("kind") for event in events] == ["queued", "stdout", "error", "finished"]
    assert record.visible == 5
    record.close()
    reopened = Journal.recover(tmp_path / "journal")
    assert [event.WhichOneof("kind") for event in reopened.events()] == ["queued", "stdout"]
    reopened.close()
