"""The journal's file: its bounds, its rights, what a failed write leaves, and what is read back."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grad_runner.agent.storage import journal as module
from grad_runner.agent.storage import journal_format
from grad_runner.agent.storage.journal import Journal
from grad_runner.gen.grad.v1 import execution_pb2 as pb


def event(seq: int, data: bytes = b"x") -> pb.Event:
    return pb.Event(seq=seq, stdout=pb.Output(data=data))


def texts(journal: Journal, from_seq: int = 1, max_bytes: int = 1 << 20) -> list[bytes]:
    return [one.stdout.data for one in journal.read(from_seq, max_bytes)]


def descriptors(path: Path) -> list[int]:
    held = (int(fd) for fd in os.listdir("/proc/self/fd"))
    return [fd for fd in held if os.path.realpath(f"/proc/self/fd/{fd}") == str(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.mark.parametrize("opens", [Journal.recover, Journal.open_finished])
def test_a_journal_is_its_users_own_and_no_childs(path: Path, opens: Callable[[Path], Journal]) -> None:
    recovered = Journal.recover(path)
    recovered.append([event(1)])
    assert path.stat().st_mode & 0o777 == 0o600
    assert [os.get_inheritable(fd) for fd in descriptors(path)] == [False]
    recovered.close()
    assert descriptors(path) == []
    journal = opens(path)
    assert texts(journal) == [b"x"]
    journal.close()
    journal.close()
    assert descriptors(path) == []


def test_a_closed_journal_can_be_read_and_not_written(path: Path) -> None:
    journal = Journal.recover(path)
    journal.append([event(1, b"a"), event(2, b"b")])
    journal.close()
    with pytest.raises(ValueError, match="closed"):
        journal.append([event(3)])
    assert texts(journal) == [b"a", b"b"]
    assert descriptors(path) == []


def test_several_events_are_written_as_one_is(path: Path) -> None:
    together, alone = Journal.recover(path), Journal.recover(path.with_name("other"))
    events = [event(1, b"a"), event(2, b"b" * 50), event(3, b"")]
    together.append(events)
    for one in events:
        alone.append([one])
    assert path.read_bytes() == path.with_name("other").read_bytes()
    assert (together.next_seq, together.size_bytes) == (4, path.stat().st_size)
    assert list(together.events()) == events


def test_unsynced_bytes_are_those_since_the_last_sync(path: Path) -> None:
    journal = Journal.recover(path)
    journal.append([event(1)])
    assert journal.unsynced_bytes == journal.size_bytes
    journal.sync()
    assert journal.unsynced_bytes == 0
    journal.append([event(2), event(3)])
    assert journal.unsynced_bytes == journal.size_bytes // 3 * 2
    journal.cut(2)
    assert (journal.unsynced_bytes, texts(journal)) == (0, [b"x"])
    journal.close()
    again = Journal.recover(path)
    # What an earlier agent wrote counts as synced.
    assert (again.unsynced_bytes, again.next_seq) == (0, 2)


def test_cut_takes_what_was_synced_back(path: Path) -> None:
    journal = Journal.recover(path)
    journal.append([event(1), event(2)])
    journal.sync()
    journal.cut(2)
    assert path.stat().st_size == journal.size_bytes
    journal.append([event(2, b"new")])
    assert journal.unsynced_bytes > 0
    assert texts(journal) == [b"x", b"new"]


def test_a_failed_append_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.recover(path)
    journal.append([event(1)])
    before = path.read_bytes()

    def half(fd: int, data: bytes, at: int) -> None:
        os.pwrite(fd, bytes(data)[:5], at)
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_write_at", half)
        with pytest.raises(OSError, match="full"):
            journal.append([event(2)])
    assert path.read_bytes() == before
    assert journal.next_seq == 2
    journal.append([event(2, b"y")])
    assert texts(journal) == [b"x", b"y"]


def test_short_writes_go_on_where_they_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: write(fd, bytes(data)[:7], at))
    journal = Journal.recover(path)
    journal.append([event(1, b"0123456789" * 10), event(2, b"end")])
    assert texts(journal) == [b"0123456789" * 10, b"end"]


def test_read_gives_a_batch_of_so_many_bytes(path: Path) -> None:
    journal = Journal.recover(path)
    journal.append([event(seq) for seq in range(1, 5)])
    size = journal.size_bytes // 4
    for max_bytes, count in [(0, 1), (2 * size - 1, 1), (2 * size, 2), (3 * size, 3), (4 * size, 4)]:
        assert len(texts(journal, 1, max_bytes)) == count
    assert [one.seq for one in journal.read(3, 2 * size)] == [3, 4]
    assert [one.seq for one in journal.read(0, size)] == [1]
    assert [one.seq for one in journal.read(4, size)] == [4]
    assert journal.read(5, size) == []


def test_a_finished_journal_ends_before_a_record_that_is_torn(path: Path) -> None:
    journal = Journal.recover(path)
    journal.append([event(1), event(2)])
    whole = path.read_bytes()
    for cut, count in [(0, 2), (1, 1), (len(whole) // 2, 1), (len(whole) // 2 + 1, 0)]:
        path.write_bytes(whole[: len(whole) - cut])
        assert len(texts(Journal.open_finished(path))) == count
    path.write_bytes(whole)
    assert Journal.open_finished(path).size_bytes == len(whole)


def test_a_finished_journal_counts_whole_records_of_any_length(path: Path) -> None:
    journal = Journal.recover(path)
    ends = []
    for seq, size in enumerate((300, 5, 70), 1):
        journal.append([event(seq, b"x" * size)])
        ends.append(journal.size_bytes)
    found = Journal.open_finished(path)
    assert (found.next_seq, found.size_bytes) == (4, ends[2])
    os.truncate(path, ends[2] - 1)
    found = Journal.open_finished(path)
    assert (found.next_seq, found.size_bytes) == (3, ends[1])


def test_recovery_removes_what_stands_behind_the_last_whole_record(path: Path) -> None:
    journal = Journal.recover(path)
    journal.append([event(1)])
    size = journal.size_bytes
    path.write_bytes(path.read_bytes() + b"\x05\x00\x00\x00torn")
    assert Journal.recover(path).size_bytes == size
    assert path.stat().st_size == size


def test_recovery_reads_records_that_are_larger_than_its_chunk(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.recover(path)
    journal.append([event(1, b"a" * 500), event(2, b"b"), event(3, b"c" * 300)])
    monkeypatch.setattr(module, "_CHUNK_BYTES", 64)
    again = Journal.recover(path)
    assert (again.next_seq, again.size_bytes) == (4, journal.size_bytes)
    assert [len(one.stdout.data) for one in again.events()] == [500, 1, 300]


def test_recovery_stops_where_no_record_can_be_as_long_as_it_says(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHUNK_BYTES", 16)
    monkeypatch.setattr(journal_format, "MAX_PAYLOAD_BYTES", 100)
    largest = journal_format.encode(b"p" * 100)
    path.write_bytes(largest * 2 + b"\xff" * 1_000)
    assert Journal.recover(path).size_bytes == 2 * len(largest)
