"""Finds the files that an execution created or changed: those below code/ and outputs/ whose inode changed while it ran and
that differ from what the last scan found."""

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from typing import Final

from grad_runner.agent.files.confined_fs import open_confined, open_regular
from grad_runner.agent.files.mime import guess_media_type
from grad_runner.agent.limits import HASHED_BYTES, MAX_ARTIFACTS, MAX_SCANNED_FILES
from grad_runner.gen.grad.v1 import execution_pb2 as pb

ROOTS: Final = ("code", "outputs")
_MAX_DEPTH: Final = 32
_CHUNK_BYTES: Final = 1024 * 1024

_OWN_COST: Final = 0.1
"""Of an entry that is skipped by its name: its inode is not read."""

# Linux dates inodes with a clock that ticks every few milliseconds; comparing with a finer one would miss changes.
_COARSE: Final = getattr(time, "CLOCK_REALTIME_COARSE", 5)

Seen = tuple[int, int, int]
"""Size, mtime_ns, inode."""


def coarse_now_ns() -> int:
    """By the clock that dates files."""
    return time.clock_gettime_ns(_COARSE)


class ArtifactScanner:
    """Remembers what earlier scans found, so that a file is an artifact only of the execution that changed it."""

    def __init__(self, root: int, own_prefix: str) -> None:
        """`root` is the descriptor of /workspace. Files in code/ whose names begin with `own_prefix` are the agent's copies of
        submitted code, and no artifacts."""
        self._root = root
        self._own_prefix = own_prefix
        self._known: dict[str, Seen] = {}
        # What the last scan cost: 1 for each entry whose inode was read.
        self.scanned_entries = 0.0

    def scan(self, since_ns: int) -> list[str]:
        """Paths below /workspace that changed since then (by `coarse_now_ns`), sorted. Slow for many
        files, though it reads folders only."""
        changed: dict[str, Seen] = {}
        self.scanned_entries = 0.0
        for top in ROOTS:
            try:
                fd = open_confined(self._root, top, os.O_RDONLY | os.O_DIRECTORY)
            except OSError:
                continue
            try:
                for path, info in self._walk(fd, top, 0):
                    seen = (info.st_size, info.st_mtime_ns, info.st_ino)
                    if info.st_ctime_ns >= since_ns and self._known.get(path) != seen:
                        changed[path] = seen
            finally:
                os.close(fd)
        if len(self._known) > MAX_SCANNED_FILES:
            self._known = {}
        self._known.update(changed)
        return sorted(changed)

    def mark_known(self, path: str) -> None:
        """Call it for a file that was not written by an execution."""
        try:
            fd = open_regular(self._root, path, os.O_RDONLY)
        except OSError:
            return
        info = os.fstat(fd)
        os.close(fd)
        self._known[path] = (info.st_size, info.st_mtime_ns, info.st_ino)

    def describe(self, paths: list[str]) -> list[pb.Event]:
        """The artifacts' events, and a gap for those over MAX_ARTIFACTS. Reads the files: call it in a thread."""
        events: list[pb.Event] = []
        for path in paths[:MAX_ARTIFACTS]:
            try:
                fd = open_regular(self._root, path, os.O_RDONLY)
            except OSError:
                continue  # deleted already
            try:
                size = os.fstat(fd).st_size
                digest = _sha256(fd, size)
            finally:
                os.close(fd)
            media_type = guess_media_type(path)
            events.append(
                pb.Event(artifact=pb.Artifact(path=path, bytes=size, sha256=digest, media_type=media_type))
            )
        if len(paths) > MAX_ARTIFACTS:
            events.append(pb.Event(gap=pb.Gap(of="artifacts", amount=len(paths) - MAX_ARTIFACTS)))
        return events

    def _walk(self, folder: int, path: str, depth: int) -> Iterator[tuple[str, os.stat_result]]:
        """Regular files below the open folder, with their paths; links are not followed."""
        with os.scandir(folder) as entries:
            for entry in entries:
                own = path == "code" and entry.name.startswith(self._own_prefix)
                self.scanned_entries += _OWN_COST if own else 1
                if self.scanned_entries > MAX_SCANNED_FILES:
                    return
                if own:
                    continue
                try:
                    info = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(info.st_mode):
                        yield _text(f"{path}/{entry.name}"), info
                    elif stat.S_ISDIR(info.st_mode) and depth < _MAX_DEPTH:
                        inner = os.open(
                            entry.name,
                            os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC,
                            dir_fd=folder,
                        )
                        try:
                            yield from self._walk(inner, f"{path}/{entry.name}", depth + 1)
                        finally:
                            os.close(inner)
                except OSError:
                    continue  # deleted or replaced during the scan


def _text(path: str) -> str:
    """The path with what UTF-8 cannot hold replaced: protobuf strings are UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _sha256(fd: int, size: int) -> str:
    """In hexadecimal; "" for a file over HASHED_BYTES."""
    if size > HASHED_BYTES:
        return ""
    digest = hashlib.sha256()
    left = HASHED_BYTES
    while left > 0 and (chunk := os.read(fd, min(_CHUNK_BYTES, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()
