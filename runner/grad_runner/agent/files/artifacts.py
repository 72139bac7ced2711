"""Finds the files that an execution created or changed: those below /workspace, but not below data/, whose inode changed
while it ran and that differ from what the last scan found."""

import heapq
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from grad_runner.agent.files.checksum import ChecksumBudget
from grad_runner.agent.files.confined_fs import DATA, open_confined, open_regular
from grad_runner.agent.files.mime import guess_media_type
from grad_runner.agent.files.uploads import UPLOAD_PREFIX
from grad_runner.agent.limits import MAX_ARTIFACTS, MAX_KNOWN_FILES, MAX_PATH_BYTES, MAX_SCANNED_FILES
from grad_runner.gen.grad.v1 import execution_pb2 as pb

_FIRST: Final = ("outputs", "code")
"""Searched before the rest: the bound of entries leaves out what is found last."""
_OWN_OUTPUT: Final = ("stdout.txt", "stderr.txt", "stdout.new", "stderr.new")
"""Below outputs/<execution>/: the agent's copies of output, also of executions of other sessions that run just now."""
_MAX_DEPTH: Final = 32

_OVERLAP_NS: Final = 100_000_000
"""More than clocks of milliseconds can make an execution's beginning earlier than the scan before it."""
_OWN_COST: Final = 0.1
"""Of an entry that is skipped by its name: its inode is not read."""

# Linux dates inodes with a clock that ticks every few milliseconds; comparing with a finer one would miss changes.
_COARSE: Final = getattr(time, "CLOCK_REALTIME_COARSE", 5)

Seen = tuple[int, int, int]
"""Size, mtime_ns, inode."""


def coarse_now_ns() -> int:
    """By the clock that dates files."""
    return time.clock_gettime_ns(_COARSE)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a scan found: the first MAX_ARTIFACTS paths below /workspace, sorted, and how many more there are."""

    paths: list[str]
    more: int = 0


class ArtifactScanner:
    """Remembers what earlier scans found, so that a file is an artifact only of the execution that changed it."""

    def __init__(self, root: int, own_prefix: str) -> None:
        """`root` is the descriptor of /workspace. Files in code/ whose names begin with `own_prefix` are the agent's copies of
        submitted code, and no artifacts; neither are its copies of output and uploads that are not complete."""
        self._root = root
        self._own_prefix = own_prefix
        # By the hash of the path: code can make thousands of paths of thousands of bytes.
        self._known: dict[int, Seen] = {}
        # What the last scan cost: 1 for each entry whose inode was read.
        self.scanned_entries = 0.0

    def scan(self, since_ns: int, max_entries: int = MAX_SCANNED_FILES) -> Changed | None:
        """Paths below /workspace that changed since then (by `coarse_now_ns`). Slow for many files, though it reads folders only.
        None if there are more than `max_entries` entries; those behind MAX_SCANNED_FILES are left out instead."""
        keep_since_ns = coarse_now_ns() - _OVERLAP_NS
        known: dict[int, Seen] = {}
        count = 0

        def changed() -> Iterator[str]:
            nonlocal count
            for path, info in self._walk_all(max_entries):
                seen = (info.st_size, info.st_mtime_ns, info.st_ino)
                # A later execution starts later: only what has changed just now could be found once more.
                if info.st_ctime_ns >= keep_since_ns and len(known) < MAX_KNOWN_FILES:
                    known[hash(path)] = seen
                if info.st_ctime_ns >= since_ns and self._known.get(hash(path)) != seen:
                    count += 1
                    yield path

        paths = heapq.nsmallest(MAX_ARTIFACTS, changed())
        if self.scanned_entries > max_entries and max_entries < MAX_SCANNED_FILES:
            return None
        self._known = known
        return Changed(paths, count - len(paths))

    def mark_known(self, path: str) -> None:
        """Call it for a file that was not written by an execution."""
        try:
            fd = open_regular(self._root, path, os.O_RDONLY)
        except OSError:
            return
        info = os.fstat(fd)
        os.close(fd)
        if len(self._known) >= MAX_KNOWN_FILES:
            del self._known[next(iter(self._known))]
        self._known[hash(path)] = (info.st_size, info.st_mtime_ns, info.st_ino)

    def describe(self, changed: Changed) -> list[pb.Event]:
        """The artifacts' events, and a gap for those that are left out. Reads the files: call it in a thread."""
        budget = ChecksumBudget()
        artifacts: dict[str, pb.Artifact] = {}
        # The smallest first: a few large files must not use up what hundreds of small ones need.
        for _, path in sorted((self._size(path), path) for path in changed.paths):
            try:
                fd = open_regular(self._root, path, os.O_RDONLY)
            except OSError:
                continue  # deleted already
            try:
                size = os.fstat(fd).st_size
                digest = budget.sha256(fd, size)
            finally:
                os.close(fd)
            media_type = guess_media_type(path)
            artifacts[path] = pb.Artifact(path=path, bytes=size, sha256=digest, media_type=media_type)
        events = [pb.Event(artifact=artifacts[path]) for path in changed.paths if path in artifacts]
        if changed.more:
            events.append(pb.Event(gap=pb.Gap(of="artifacts", amount=changed.more)))
        return events

    def _size(self, path: str) -> int:
        try:
            fd = open_regular(self._root, path, os.O_RDONLY)
        except OSError:
            return 0
        try:
            return os.fstat(fd).st_size
        finally:
            os.close(fd)

    def _is_own(self, folder: str, name: str) -> bool:
        if name in _OWN_OUTPUT:
            return folder.startswith(f"outputs/{self._own_prefix}") and folder.count("/") == 1
        return name.startswith(UPLOAD_PREFIX) or (folder == "code" and name.startswith(self._own_prefix))

    def _walk_all(self, max_entries: int) -> Iterator[tuple[str, os.stat_result]]:
        self.scanned_entries = 0.0
        for top in (*_FIRST, "."):
            try:
                fd = open_confined(self._root, top, os.O_RDONLY | os.O_DIRECTORY)
            except OSError:
                continue
            try:
                yield from self._walk(fd, "" if top == "." else top, 0, max_entries)
            finally:
                os.close(fd)

    def _walk(
        self, folder: int, path: str, depth: int, max_entries: int
    ) -> Iterator[tuple[str, os.stat_result]]:
        """Regular files below the open folder, with their paths; links are not followed."""
        with os.scandir(folder) as entries:
            for entry in entries:
                if path == "" and entry.name in (*_FIRST, DATA):
                    continue
                own = self._is_own(path, entry.name)
                self.scanned_entries += _OWN_COST if own else 1
                if self.scanned_entries > max_entries:
                    return
                inner_path = os.path.join(path, entry.name)
                name = _text(inner_path)
                if own or len(name.encode()) > MAX_PATH_BYTES:
                    continue
                try:
                    info = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(info.st_mode):
                        yield name, info
                    elif stat.S_ISDIR(info.st_mode) and depth < _MAX_DEPTH:
                        inner = os.open(
                            entry.name,
                            os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC,
                            dir_fd=folder,
                        )
                        try:
                            yield from self._walk(inner, inner_path, depth + 1, max_entries)
                        finally:
                            os.close(inner)
                except OSError:
                    continue  # deleted or replaced during the scan


def _text(path: str) -> str:
    """The path with what UTF-8 cannot hold replaced: protobuf strings are UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")
