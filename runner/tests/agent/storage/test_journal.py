"""The journal's format and file."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.agent.storage import journal_format
from grad_runner.agent.storage.journal import Journal
from grad_runner.agent.storage.journal_format import decode, encode
from grad_runner.gen.grad.v1 import execution_pb2 as pb


def event(seq: int, data: bytes = b"") -> pb.Event:
    return pb.Event(seq=seq, stdout=pb.Output(data=data))


@given(st.lists(st.binary(max_size=40)), st.data())
def test_decode_returns_the_whole_records_before_any_cut(payloads: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(map(encode, payloads))
    cut = data.draw(st.integers(0, len(whole)))
    kept = [payload for payload, _ in decode(whole[:cut])]
    assert kept == payloads[: len(kept)]
    assert sum(len(encode(p)) for p in kept) <= cut
    assert len(kept) == len(payloads) or len(b"".join(map(encode, payloads[: len(kept) + 1]))) > cut


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1), st.data())
def test_decode_stops_before_a_damaged_record(payloads: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(map(encode, payloads)))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 0x40
    kept = [payload for payload, _ in decode(bytes(whole))]
    assert kept == payloads[: len(kept)]
    assert sum(len(encode(p)) for p in kept) <= at


def test_decode_takes_an_empty_payload_and_one_of_the_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(decode(encode(b""))) == [(b"", 8)]
    monkeypatch.setattr(journal_format, "MAX_PAYLOAD_BYTES", 5)
    assert list(decode(encode(b"12345"))) == [(b"12345", 13)]
    assert list(decode(encode(b"123456"))) == []


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=20), st.data())
def test_recover_cuts_a_torn_end_and_appends_behind_it(payloads: list[bytes], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        journal = Journal.recover(path)
        journal.append([event(seq, payload) for seq, payload in enumerate(payloads, 1)])
        journal.close()
        os.truncate(path, data.draw(st.integers(0, path.stat().st_size)))

        journal = Journal.recover(path)
        kept = journal.next_seq - 1
        journal.append([event(kept + 1, b"after")])
        found = list(journal.events())
        journal.close()

    assert [e.stdout.data for e in found] == [*payloads[:kept], b"after"]
    assert [e.seq for e in found] == list(range(1, kept + 2))


def test_read_returns_a_bounded_batch_from_the_cursor(tmp_path: Path) -> None:
    journal = Journal.recover(tmp_path / "journal")
    journal.append([event(seq, b"x" * 1000) for seq in range(1, 11)])
    assert [e.seq for e in journal.read(1, 2500)] == [1, 2]
    assert [e.seq for e in journal.read(3, 1)] == [3]
    assert [e.seq for e in journal.read(9, 100_000)] == [9, 10]
    assert journal.read(11, 100_000) == []
    journal.close()
    assert [e.seq for e in Journal.open_finished(tmp_path / "journal").read(9, 100_000)] == [9, 10]


def test_recover_creates_a_missing_journal(tmp_path: Path) -> None:
    journal = Journal.recover(tmp_path / "journal")
    assert journal.next_seq == 1
    journal.close()
