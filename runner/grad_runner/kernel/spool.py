"""The append-only file to which a forked kernel writes each message before it is published.

An agent that is killed while code runs finds here, after its restart, every message that it has missed. One record:

    u32 length of payload | u32 crc32 of payload | payload
    payload = u64 seq | u64 time_ns | u64 stdout_offset | u64 stderr_offset
              | u16 n | u32 length x n | n frames

All integers are little-endian. The frames are header, parent_header, metadata and content as JSON bytes, then binary
buffers. The offsets are the lengths of the kernel's stdout and stderr files at that moment, which gives the order of text and
messages.

A kernel can write anything to its own spool. The checksum protects against torn and damaged files, not against a hostile
kernel, and a record's length is checked before memory is allocated for it.
"""

import os
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""The longest payload. A writer refuses more (`RecordTooLarge`); a reader treats more as damage."""

_PREFIX = struct.Struct("<II")
PREFIX_BYTES = _PREFIX.size
_HEAD = struct.Struct("<QQQQH")
_LENGTH_BYTES = 4
_READ_BYTES = 1024 * 1024


class SpoolCorrupt(Exception):
    """The file does not contain valid records; `position` is where the first invalid one begins."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"Cannot read the spool at byte {position}: {reason}")
        self.position = position


class RecordTooLarge(ValueError):
    """The message does not fit into one record; nothing was written."""


@dataclass(frozen=True, slots=True)
class Record:
    """One message. `seq` counts from 1 without gaps; `time_ns` is nanoseconds since the epoch."""

    seq: int
    time_ns: int
    stdout_offset: int
    stderr_offset: int
    frames: tuple[bytes, ...]


def encode(record: Record) -> bytes:
    """The bytes of one record. Raises RecordTooLarge."""
    lengths = [len(frame) for frame in record.frames]
    payload_bytes = _HEAD.size + _LENGTH_BYTES * len(lengths) + sum(lengths)
    if payload_bytes > MAX_RECORD_BYTES or len(lengths) > 0xFFFF:
        raise RecordTooLarge(f"Cannot spool a message of {payload_bytes} bytes: at most {MAX_RECORD_BYTES}")
    head = _HEAD.pack(record.seq, record.time_ns, record.stdout_offset, record.stderr_offset, len(lengths))
    payload = b"".join((head, struct.pack(f"<{len(lengths)}I", *lengths), *record.frames))
    return _PREFIX.pack(len(payload), zlib.crc32(payload)) + payload


def record_length(data: bytes | bytearray, position: int = 0) -> int | None:
    """Bytes of the whole record that begins `data`; None if there are too few to say. Raises SpoolCorrupt, as `decode`."""
    if len(data) < _PREFIX.size:
        return None
    length = _PREFIX.unpack_from(data)[0]
    if not _HEAD.size <= length <= MAX_RECORD_BYTES:
        raise SpoolCorrupt(position, f"a record has an invalid length of {length} bytes")
    return int(length) + _PREFIX.size


def decode(data: bytes | bytearray, position: int = 0) -> Iterator[tuple[Record, int]]:
    """The complete records at the start of `data`, each with the offset in `data` at which it ends.

    An incomplete record at the end is ignored, because the rest of it may follow. `position` is where `data` begins in its
    file, for messages of errors only. Raises SpoolCorrupt.
    """
    at = 0
    while at + _PREFIX.size <= len(data):
        length, crc = _PREFIX.unpack_from(data, at)
        if not _HEAD.size <= length <= MAX_RECORD_BYTES:
            raise SpoolCorrupt(position + at, f"a record has an invalid length of {length} bytes")
        end = at + _PREFIX.size + length
        if end > len(data):
            return
        payload = bytes(data[at + _PREFIX.size : end])
        if zlib.crc32(payload) != crc:
            raise SpoolCorrupt(position + at, "the checksum of a record does not match")
        yield _parse(payload, position + at), end
        at = end


def _parse(payload: bytes, position: int) -> Record:
    seq, time_ns, stdout_offset, stderr_offset, count = _HEAD.unpack_from(payload)
    at = _HEAD.size + _LENGTH_BYTES * count
    if at > len(payload):
        raise SpoolCorrupt(position, f"a record has {count} frames in {len(payload)} bytes")
    lengths: tuple[int, ...] = struct.unpack_from(f"<{count}I", payload, _HEAD.size)
    if at + sum(lengths) != len(payload):
        raise SpoolCorrupt(position, "the lengths of a record's frames do not add up to its own")
    frames: list[bytes] = []
    for length in lengths:
        frames.append(payload[at : at + length])
        at += length
    return Record(seq, time_ns, stdout_offset, stderr_offset, tuple(frames))


class SpoolWriter:
    """Appends records. Any thread may call it, but a file must have one writer only.

    `stdout` and `stderr` are descriptors of the files whose lengths go into each record.
    """

    def __init__(self, path: Path, stdout: int, stderr: int) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._outputs = (stdout, stderr)
        self._lock = threading.Lock()
        self._seq = 0

    def append(self, frames: Sequence[bytes], time_ns: int) -> int:
        """Writes one record and returns its `seq`. It survives the end of the process, but was not synced to the disk.

        Raises RecordTooLarge, and OSError for a full disk; the file is then unchanged.
        """
        with self._lock:
            seq, begin = self._seq + 1, os.fstat(self._fd).st_size
            stdout_offset, stderr_offset = (os.fstat(fd).st_size for fd in self._outputs)
            data = encode(Record(seq, time_ns, stdout_offset, stderr_offset, tuple(frames)))
            try:
                written = 0
                while written < len(data):
                    written += os.write(self._fd, memoryview(data)[written:])
                self._seq = seq
            except (
                BaseException
            ):  # also a KeyboardInterrupt between two writes: an incomplete record would be damage
                os.ftruncate(self._fd, begin)
                self._seq = seq - 1
                raise
            return seq

    def close(self) -> None:
        os.close(self._fd)


class SpoolReader:
    """Reads a spool from `position` on, also while it is being written. Not safe for use by several threads.

    `position` is always the beginning of a record: store it and pass it to a later reader.
    """

    def __init__(self, path: Path, position: int = 0) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        self._position = position

    @property
    def position(self) -> int:
        """Where the next record begins."""
        return self._position

    def read(self, max_bytes: int = 4 * _READ_BYTES) -> list[Record]:
        """The next complete records: at least one if there is one, and about `max_bytes` at most. Empty for nothing new.

        An incomplete record at the end is left for the next call. Raises SpoolCorrupt; the position then stays before the
        damage.
        """
        records: list[Record] = []
        # Not reused by the next call: a writer removes an incomplete record when the disk is full.
        buffer = bytearray()
        taken = 0
        while taken < max_bytes:
            chunk = os.pread(self._fd, _READ_BYTES, self._position + len(buffer))
            buffer += chunk
            used = 0
            try:
                for record, end in decode(buffer, self._position):
                    records.append(record)
                    used = end
            except SpoolCorrupt:
                if not records:
                    raise
                chunk = b""  # returns the valid ones; the next call raises
            del buffer[:used]
            self._position += used
            taken += used
            if len(chunk) < _READ_BYTES:
                break
        return records

    def close(self) -> None:
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
