"""The spool's bounds, and what a record says that no writer has written."""

import os
import struct
import zlib
from pathlib import Path

import pytest

from grad_runner.kernel import spool
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

HEAD_BYTES = 4 * 8 + 2
PREFIX_BYTES = 8


def record(*frames: bytes) -> Record:
    return Record(1, 2, 3, 4, frames)


def framed(payload: bytes) -> bytes:
    return struct.pack("<II", len(payload), zlib.crc32(payload)) + payload


def payload_with(count: int, lengths: list[int], rest: bytes) -> bytes:
    return struct.pack("<QQQQH", 1, 2, 3, 4, count) + struct.pack(f"<{len(lengths)}I", *lengths) + rest


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def test_encode_takes_the_largest_payload_and_nothing_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_RECORD_BYTES == 16 * 1024 * 1024
    monkeypatch.setattr(spool, "MAX_RECORD_BYTES", 100)
    frame = b"x" * (100 - HEAD_BYTES - 2 * 4)
    whole = encode(record(frame, b""))
    assert len(whole) == PREFIX_BYTES + 100
    # A reader takes what a writer may write.
    assert list(decode(whole)) == [(record(frame, b""), len(whole))]
    with pytest.raises(RecordTooLarge, match="101 bytes"):
        encode(record(frame, b"y"))


def test_encode_takes_as_many_frames_as_their_count_can_say() -> None:
    most = record(*[b""] * 0xFFFF)
    assert next(decode(encode(most)))[0] == most
    with pytest.raises(RecordTooLarge):
        encode(record(*[b""] * 0x10000))


def test_decode_bounds_a_length_before_it_waits_for_the_rest() -> None:
    for length in (HEAD_BYTES - 1, MAX_RECORD_BYTES + 1):
        with pytest.raises(SpoolCorrupt, match=f"invalid length of {length} bytes"):
            list(decode(struct.pack("<II", length, 0)))
    for length in (HEAD_BYTES, MAX_RECORD_BYTES):
        assert list(decode(struct.pack("<II", length, 0))) == []


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (payload_with(1, [], b""), "1 frames in 34 bytes"),
        (payload_with(2, [1], b"x"), "2 frames in 39 bytes"),
        (payload_with(1, [2], b"x"), "do not add up"),
        (payload_with(1, [1], b"xy"), "do not add up"),
        (payload_with(0, [], b"x"), "do not add up"),
    ],
)
def test_decode_refuses_frames_that_are_not_there(payload: bytes, message: str) -> None:
    with pytest.raises(SpoolCorrupt, match=message):
        list(decode(framed(payload)))


def test_decode_says_where_in_the_file_the_damage_is() -> None:
    good = encode(record(b"a"))
    damaged = bytearray(good)
    damaged[-1] ^= 1
    for bad in (bytes(damaged), struct.pack("<II", 1, 0), framed(payload_with(1, [], b""))):
        with pytest.raises(SpoolCorrupt) as fault:
            list(decode(good + bad, 1_000))
        assert fault.value.position == 1_000 + len(good)


def test_spools_are_their_users_own_and_no_childs(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    writer = SpoolWriter(path, 1, 2)
    reader = SpoolReader(path)
    try:
        assert path.stat().st_mode & 0o777 == 0o600
        held = [fd for fd in descriptors() if os.path.realpath(f"/proc/self/fd/{fd}") == str(path)]
        assert len(held) == 2
        assert not any(os.get_inheritable(int(fd)) for fd in held)
    finally:
        writer.close()
        reader.close()


def test_closing_leaves_no_descriptor(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    before = descriptors()
    writer = SpoolWriter(path, 1, 2)
    with SpoolReader(path):
        pass
    writer.close()
    assert descriptors() == before


def test_a_reader_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").touch()
    SpoolReader(tmp_path / "elsewhere").close()
    (tmp_path / "spool").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        SpoolReader(tmp_path / "spool")


def test_read_stops_at_its_bound_with_at_least_one_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = encode(record(b"x" * 58))  # 108 bytes
    (tmp_path / "spool").write_bytes(one * 10)
    monkeypatch.setattr(spool, "_READ_BYTES", len(one))
    with SpoolReader(tmp_path / "spool") as reader:
        assert len(reader.read(1)) == 1
        assert reader.position == len(one)
        assert len(reader.read(2 * len(one))) == 2
        assert len(reader.read(2 * len(one) + 1)) == 3
        assert len(reader.read()) == 4
        assert reader.read() == []
