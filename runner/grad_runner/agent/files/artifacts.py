"""Which files an execution made or changed: those below code/ and outputs/ whose inode changed while it ran and that are
not as the last look found them."""

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from grad_runner.agent.files.confined_fs import open_beneath, open_regular
from grad_runner.agent.files.mime import guess_media_type
from grad_runner.agent.limits import HASHED_BYTES, MAX_ARTIFACTS, MAX_SCANNED_FILES
from grad_runner.gen.grad.v1 import execution_pb2 as pb

ROOTS: Final = ("code", "outputs")
_MAX_DEPTH: Final = 32
_CHUNK_BYTES: Final = 1024 * 1024

_OWN_COST: Final = 0.1

# The kernel dates inodes with a clock that ticks every few milliseconds.
_COARSE: Final = getattr(time, "CLOCK_REALTIME_COARSE", 5)

Seen = tuple[int, int, int]
"""Size, mtime_ns, inode."""


def coarse_now_ns() -> int:
    """By the clock that dates files."""
    return time.clock_gettime_ns(_COARSE)


@dataclass(frozen=True, slots=True)
class Found:
    changed: dict[str, Seen]
    entries: int
    complete: bool


class FileWatch:
    """Remembers what earlier looks found, so that a file is an artifact of the execution that changed it only."""

    def __init__(self, root: int, own_prefix: str) -> None:
        """`own_prefix`: files in code/ whose names begin so are the agent's own copies of code, and no artifacts."""
        self._root = root
        self._own_prefix = own_prefix
        self._known: dict[str, Seen] = {}
        # How much the last look took: 1 for each entry whose inode was read.
        self.entries = 0.0

    def look(self, since_ns: int) -> list[str]:
        """Paths that changed since then, by name. Reads folders only; may take long for many files."""
        changed: dict[str, Seen] = {}
        self.entries = 0.0
        for top in ROOTS:
            try:
                fd = open_beneath(self._root, top, os.O_RDONLY | os.O_DIRECTORY)
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

    def known(self, path: str) -> None:
        """Somebody else than an execution has put this file there."""
        try:
            fd = open_regular(self._root, path, os.O_RDONLY)
        except OSError:
            return
        info = os.fstat(fd)
        os.close(fd)
        self._known[path] = (info.st_size, info.st_mtime_ns, info.st_ino)

    def describe(self, paths: list[str]) -> list[pb.Event]:
        """The artifacts' events, and a gap for those over the bound. Reads the files."""
        events: list[pb.Event] = []
        for path in paths[:MAX_ARTIFACTS]:
            try:
                fd = open_regular(self._root, path, os.O_RDONLY)
            except OSError:
                continue  # gone already
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
        """Regular files below the open folder; links are never followed."""
        with os.scandir(folder) as entries:
            for entry in entries:
                own = path == "code" and entry.name.startswith(self._own_prefix)
                self.entries += _OWN_COST if own else 1
                if self.entries > MAX_SCANNED_FILES:
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
                    continue  # gone, or put in the way, while we looked


def _text(path: str) -> str:
    """A name that is not UTF-8 cannot be told as it is."""
    return os.fsencode(path).decode("utf-8", "replace")


def _sha256(fd: int, size: int) -> str:
    if size > HASHED_BYTES:
        return ""
    digest = hashlib.sha256()
    left = HASHED_BYTES
    while left > 0 and (chunk := os.read(fd, min(_CHUNK_BYTES, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()
