import errno
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.kernel.spool import (
    MAX_RECORD_BYTES,
    Record,
    RecordTooLarge,
    SpoolCorrupt,
    SpoolReader,
    SpoolWriter,
    decode,
    encode,
)

u64 = st.integers(0, 2**64 - 1)
records = st.builds(
    Record,
    seq=u64,
    time_ns=u64,
    stdout_offset=u64,
    stderr_offset=u64,
    frames=st.lists(st.binary(max_size=40)).map(tuple),
)


@given(st.lists(records, max_size=5), st.data())
def test_decode_returns_the_complete_records_before_any_cut(
    wanted: list[Record], data: st.DataObject
) -> None:
    encoded = [encode(record) for record in wanted]
    whole = b"".join(encoded)
    cut = data.draw(st.integers(0, len(whole)))
    kept = list(decode(whole[:cut]))
    assert [record for record, _ in kept] == wanted[: len(kept)]
    assert len(kept) == len(wanted) or len(b"".join(encoded[: len(kept) + 1])) > cut
    assert [end for _, end in kept] == [len(b"".join(encoded[: i + 1])) for i in range(len(kept))]


@given(st.lists(records, min_size=1, max_size=4), st.data())
def test_decode_never_returns_a_record_with_a_changed_byte(wanted: list[Record], data: st.DataObject) -> None:
    encoded = [encode(record) for record in wanted]
    whole = bytearray(b"".join(encoded))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    good: list[Record] = []
    try:
        for record, _ in decode(whole):
            good.append(record)
    except SpoolCorrupt:
        pass
    # The flip may also make the last length longer: then the record counts as torn. It is never handed out.
    assert good == wanted[: len(good)]
    assert len(good) < len(wanted)


@given(st.binary(max_size=200))
def test_decode_raises_only_spool_corrupt_for_any_payload_with_a_valid_checksum(payload: bytes) -> None:
    data = len(payload).to_bytes(4, "little") + zlib.crc32(payload).to_bytes(4, "little") + payload
    try:
        assert len(list(decode(data))) == 1
    except SpoolCorrupt as error:
        assert error.position == 0


def test_decode_checks_the_length_before_the_bytes_have_come() -> None:
    with pytest.raises(SpoolCorrupt):
        list(decode((MAX_RECORD_BYTES + 1).to_bytes(4, "little") + bytes(4)))


def test_encode_refuses_a_record_over_the_maximum() -> None:
    with pytest.raises(RecordTooLarge):
        encode(Record(1, 0, 0, 0, (bytes(MAX_RECORD_BYTES),)))


def test_reader_follows_a_writer_and_leaves_an_incomplete_record(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    with (tmp_path / "stdout").open("wb") as out, (tmp_path / "stderr").open("wb") as err:
        writer = SpoolWriter(path, out.fileno(), err.fileno())
        with SpoolReader(path) as reader:
            assert reader.read() == []
            out.write(b"four")
            out.flush()
            assert writer.append([b"h", b"p", b"m", b"c"], 7) == 1
            assert reader.read() == [Record(1, 7, 4, 0, (b"h", b"p", b"m", b"c"))]
            torn = encode(Record(2, 8, 4, 0, (b"x" * 50,)))
            with path.open("ab") as file:
                file.write(torn[:30])
            assert reader.read() == []
            position = reader.position
            with path.open("ab") as file:
                file.write(torn[30:])
            assert [record.seq for record in reader.read()] == [2]
        with SpoolReader(path, position) as again:
            assert [record.seq for record in again.read()] == [2]
            assert again.position == path.stat().st_size
        writer.close()


def test_reader_reads_bounded_batches_and_records_longer_than_its_buffer(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    frames = [bytes([seq]) * size for seq, size in enumerate((3_000_000, 10, 2_000_000, 5))]
    path.write_bytes(b"".join(encode(Record(seq, 0, 0, 0, (frame,))) for seq, frame in enumerate(frames)))
    with SpoolReader(path) as reader:
        pieces: list[list[Record]] = []
        while piece := reader.read(max_bytes=1):
            pieces.append(piece)
    assert len(pieces) > 1
    assert [record.frames[0] for piece in pieces for record in piece] == frames


def test_reader_returns_the_records_before_damage(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    damaged = bytearray(encode(Record(2, 0, 0, 0, (b"b",))))
    damaged[-1] ^= 1
    path.write_bytes(encode(Record(1, 0, 0, 0, (b"a",))) + damaged)
    with SpoolReader(path) as reader:
        assert [record.seq for record in reader.read()] == [1]
        with pytest.raises(SpoolCorrupt):
            reader.read()
        with pytest.raises(SpoolCorrupt):
            reader.read()


def test_writer_removes_an_incomplete_record_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spool"
    writer = SpoolWriter(path, 1, 2)
    writer.append([b"a"], 1)
    real = os.write
    with monkeypatch.context() as full:
        component = [20]

        def write(fd: int, data: bytes) -> int:
            if not component[0]:
                raise OSError(errno.ENOSPC, "full")
            written, component[0] = real(fd, data[: component[0]]), 0
            return written

        full.setattr(os, "write", write)
        with pytest.raises(OSError, match="full"):
            writer.append([b"b" * 100], 2)
    assert writer.append([b"c"], 3) == 2
    writer.close()
    with SpoolReader(path) as reader:
        assert [(record.seq, record.frames) for record in reader.read()] == [(1, (b"a",)), (2, (b"c",))]
