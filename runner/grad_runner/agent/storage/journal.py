"""The journal of one execution: appended to while it runs, read by any number of readers from any position."""

import errno
import os
import threading
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

from grad_runner.agent.storage import journal_format
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_CHUNK_BYTES: Final = 1024 * 1024

SyncFile = Callable[[int], None]
"""Writes what the open file holds to the disk. Raises OSError."""


class Journal:
    """Readers and the writer share one event loop and need no lock; only `sync` may be called in other threads.

    Event n begins at `_starts[n - 1]`; the last entry is the end of the file.
    """

    def __init__(self, path: Path, starts: "array[int]", sync_file: SyncFile = os.fdatasync) -> None:
        self._path = path
        self._starts = starts
        self._fd: int | None = None
        self._sync_file = sync_file
        self._sync_lock = threading.Lock()
        self._synced_bytes = starts[-1]
        self._sync_failed = False

    @classmethod
    def create(cls, path: Path, fd: int, sync_file: SyncFile = os.fdatasync) -> Self:
        """A new journal; `fd` is its empty file, open for reading and writing, and belongs to the journal from now on."""
        journal = cls(path, array("Q", [0]), sync_file)
        journal._fd = fd
        return journal

    @classmethod
    def recover(cls, path: Path) -> Self:
        """Opens a journal for appending: checks every record and cuts a torn end off. Creates a missing one."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        starts = array("Q", [0])
        for end in _ends(fd):
            starts.append(end)
        os.ftruncate(fd, starts[-1])
        journal = cls(path, starts)
        journal._fd = fd
        return journal

    @classmethod
    def open_finished(cls, path: Path) -> Self:
        """Opens a journal for reading only. Its records are checked when they are read."""
        starts = array("Q", [0])
        header = journal_format.HEADER
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            size = os.fstat(fd).st_size
            while len(head := os.pread(fd, header.size, starts[-1])) == header.size:
                end = starts[-1] + len(head) + header.unpack(head)[0]
                if end > size:
                    break
                starts.append(end)
        finally:
            os.close(fd)
        return cls(path, starts)

    @property
    def next_seq(self) -> int:
        """The number of the event that is appended next, from 1."""
        return len(self._starts)

    @property
    def size_bytes(self) -> int:
        return self._starts[-1]

    @property
    def unsynced_bytes(self) -> int:
        """Appended, and not known to be on the disk."""
        return self._starts[-1] - self._synced_bytes

    def append(self, events: Sequence[pb.Event]) -> None:
        """Writes the events, whose `seq` count on from `next_seq`; all of them or none. Raises OSError (a full disk)."""
        if self._fd is None:
            raise ValueError("the journal is closed")
        records = [journal_format.encode(event.SerializeToString()) for event in events]
        at = self._starts[-1]
        try:
            _write_at(self._fd, b"".join(records), at)
        except OSError:
            os.ftruncate(self._fd, at)
            raise
        for record in records:
            at += len(record)
            self._starts.append(at)

    def cut(self, seq: int) -> None:
        """Removes the events from `seq` on, which nobody has read. Best effort on the disk: recovery may find them again."""
        del self._starts[seq:]
        self._synced_bytes = min(self._synced_bytes, self._starts[-1])
        if self._fd is not None:
            with suppress(OSError):  # what is appended next overwrites them
                os.ftruncate(self._fd, self._starts[-1])

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
        """All of them; about 1 MiB is in memory at a time."""
        seq = 1
        while batch := self.read(seq, _CHUNK_BYTES):
            yield from batch
            seq += len(batch)

    def sync(self) -> None:
        """What was appended before the call is on the disk when it returns. Raises OSError; then call it again.

        Linux reports a failed write-back once, and marks the pages clean: a second fdatasync would succeed though nothing
        was written. So after a failure everything since the last good sync is written again first.
        Safe in another thread while nobody calls `cut` or `close`.
        """
        with (
            self._sync_lock
        ):  # Linux reports a failure to one caller only; the others must not take it for success
            unsynced = self._starts[bisect_left(self._starts, self._synced_bytes) :]
            end = unsynced[-1]
            if self._fd is None or end == self._synced_bytes:
                return
            try:
                if self._sync_failed:
                    self._write_again(self._fd, unsynced)
                self._sync_file(self._fd)
            except OSError:
                self._sync_failed = True
                raise
            self._sync_failed = False
            self._synced_bytes = end

    def close(self) -> None:
        """No more is appended; reading goes on."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _write_again(self, fd: int, starts: "array[int]") -> None:
        """Makes the pages of these records dirty again. Raises OSError if the file does not hold them any more."""
        for begin, end in pairwise(starts):
            record = os.pread(fd, end - begin, begin)
            payload = record[journal_format.HEADER.size :]
            if next(journal_format.decode(record), None) != (payload, end - begin):
                raise OSError(errno.EIO, "The end of the journal cannot be read back", str(self._path))
            _write_at(fd, record, begin)

    def _pread(self, offset: int, count: int) -> bytes:
        if self._fd is not None:
            return os.pread(self._fd, count, offset)
        fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(fd, count, offset)
        finally:
            os.close(fd)


def _write_at(fd: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    done = 0
    while done < len(view):
        done += os.pwrite(fd, view[done:], at + done)


def _ends(fd: int) -> Iterator[int]:
    """The offset behind each whole record."""
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
