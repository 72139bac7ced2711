"""One execution's journal: appended to by its run, read by any number of readers from any position."""

import os
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from grad_runner.agent.storage import journal_format
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_CHUNK_BYTES = 1024 * 1024


class Journal:
    """Readers and the writer share one loop: no locks. Event n begins at `_starts[n - 1]`; the last entry is the end."""

    def __init__(self, path: Path, starts: "array[int]") -> None:
        self._path = path
        self._starts = starts
        self._fd: int | None = None
        self._unsynced = 0

    @classmethod
    def opened(cls, path: Path, fd: int) -> Self:
        """A new one; `fd` is its empty file, open for reading and writing."""
        journal = cls(path, array("Q", [0]))
        journal._fd = fd
        return journal

    @classmethod
    def recover(cls, path: Path) -> Self:
        """Checks every record, cuts a torn end off and is ready to append; the journal may be missing."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        starts = array("Q", [0])
        for start in _ends(fd):
            starts.append(start)
        os.ftruncate(fd, starts[-1])
        journal = cls(path, starts)
        journal._fd = fd
        return journal

    @classmethod
    def finished(cls, path: Path) -> Self:
        """For reading only; records are looked at when they are read."""
        starts = array("Q", [0])
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            size = os.fstat(fd).st_size
            while (
                len(head := os.pread(fd, journal_format.HEADER.size, starts[-1]))
                == journal_format.HEADER.size
            ):
                end = starts[-1] + len(head) + journal_format.HEADER.unpack(head)[0]
                if end > size:
                    break
                starts.append(end)
        finally:
            os.close(fd)
        return cls(path, starts)

    @property
    def next_seq(self) -> int:
        return len(self._starts)

    @property
    def size_bytes(self) -> int:
        return self._starts[-1]

    @property
    def unsynced_bytes(self) -> int:
        return self._unsynced

    def append(self, events: Sequence[pb.Event]) -> None:
        """Writes the events, whose `seq` go on from `next_seq`; all of them or none. Raises OSError (a full disk)."""
        if self._fd is None:
            raise ValueError("the journal is closed")
        records = [journal_format.encode(event.SerializeToString()) for event in events]
        data = memoryview(b"".join(records) if len(records) > 1 else records[0])
        at = self._starts[-1]
        try:
            done = 0
            while done < len(data):
                done += os.pwrite(self._fd, data[done:], at + done)
        except OSError:
            os.ftruncate(self._fd, at)
            raise
        for record in records:
            at += len(record)
            self._starts.append(at)
        self._unsynced += len(data)

    def read(self, from_seq: int, max_bytes: int) -> list[pb.Event]:
        """Events from `from_seq` on, about `max_bytes` of them, at least one if there is one."""
        first = max(from_seq, 1) - 1
        last = len(self._starts) - 1
        if first >= last:
            return []
        begin, end = self._starts[first], first + 1
        while end < last and self._starts[end + 1] - begin <= max_bytes:
            end += 1
        data = self._pread(begin, self._starts[end] - begin)
        return [pb.Event.FromString(payload) for payload, _ in journal_format.decode(data)]

    def events(self) -> Iterator[pb.Event]:
        """All of them, a batch in memory at a time."""
        seq = 1
        while batch := self.read(seq, _CHUNK_BYTES):
            yield from batch
            seq += len(batch)

    def sync(self) -> None:
        """On disk when it returns. Safe in another thread while nobody closes."""
        if self._fd is not None and self._unsynced:
            self._unsynced = 0
            os.fdatasync(self._fd)

    def close(self) -> None:
        """No more is appended; reading goes on."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _pread(self, offset: int, count: int) -> bytes:
        if self._fd is not None:
            return os.pread(self._fd, count, offset)
        fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(fd, count, offset)
        finally:
            os.close(fd)


def _ends(fd: int) -> Iterator[int]:
    """Where each whole record ends."""
    buffer, base = b"", 0
    while chunk := os.pread(fd, _CHUNK_BYTES, base + len(buffer)):
        buffer += chunk
        used = 0
        for _, used in journal_format.decode(buffer):
            yield base + used
        base += used
        buffer = buffer[used:]
        if len(buffer) > journal_format.MAX_PAYLOAD_BYTES + journal_format.HEADER.size:
            return
