"""Lists and reads files of the workspace. Any call may wait for a disk or a mount: call them in a thread."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from grad_runner.agent.files.confined_fs import (
    DATA,
    is_in_data,
    open_confined,
    open_confined_folder,
    open_regular,
    plain_path,
)
from grad_runner.agent.timestamps import timestamp
from grad_runner.common.errors import GradError
from grad_runner.gen.grad.v1 import file_pb2 as pb
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from grad_runner.gen.shared.limits import DEFAULT_FILE_PART_BYTES, MAX_FILE_PART_BYTES

MAX_ENTRIES: Final = 10_000
MAX_LISTING_BYTES: Final = 8 * 1024 * 1024
"""Of the paths of one listing, in UTF-8, and _ENTRY_BYTES for each beside them: code can make a path of thousands of bytes."""
_ENTRY_BYTES: Final = 64
_MAX_DEPTH: Final = 64


class WorkspaceFiles:
    """`data`: where the datasets are mounted for the agent, shown as data/. Not always a folder of the workspace."""

    def __init__(self, workspace: Path, data: Path) -> None:
        self._workspace = workspace
        self._data = data

    def entries(self, path: str, *, recursive: bool) -> tuple[list[pb.FileEntry], bool]:
        """The entries of a folder, by path, and whether there are more than MAX_ENTRIES and MAX_LISTING_BYTES allow; of a file
        only itself.

        Raises GradError.
        """
        entries = _Entries()
        plain = plain_path(path)
        try:
            if plain == "":
                return self._list_top(recursive)
            with self._root(plain) as (root, inner):
                fd = root if inner == "" else open_confined(root, inner, os.O_PATH)
                info = os.fstat(fd)
                if fd != root:
                    os.close(fd)
                if not stat.S_ISDIR(info.st_mode):
                    return [entry_of(plain, info)], False
                with open_confined_folder(root, inner) as folder:
                    full = _collect(folder, plain, entries, recursive, 0)
        except OSError as error:
            raise translate(error, path) from error
        return entries.sorted(), full

    def read(self, path: str, offset: int, max_bytes: int, revision: str) -> rpb.ReadFileResponse:
        """At most `max_bytes` (0: 1 MiB; at most 4 MiB) from `offset` on. `revision` is that of an earlier part, or "".

        Raises GradError `file_changed`, `file_not_found`, `path_not_allowed`.
        """
        plain = plain_path(path)
        if plain == "":
            raise GradError("path_not_allowed", f'Cannot read "{path[:200]}": it is a folder')
        count = min(max_bytes or DEFAULT_FILE_PART_BYTES, MAX_FILE_PART_BYTES)
        try:
            with self._root(plain) as (root, inner):
                fd = open_regular(root, inner, os.O_RDONLY)
            try:
                info = os.fstat(fd)
                found = f"{info.st_ino:x}-{info.st_size:x}-{info.st_mtime_ns:x}"
                if revision and revision != found:
                    raise GradError(
                        "file_changed", f'Cannot go on reading "{path}": it has changed', "Get it again."
                    )
                data = os.pread(fd, count, offset) if offset < info.st_size else b""
                now = os.fstat(fd)
            finally:
                os.close(fd)
        except OSError as error:
            raise translate(error, path) from error
        if (now.st_size, now.st_mtime_ns) != (info.st_size, info.st_mtime_ns):
            raise GradError("file_changed", f'Cannot read "{path}": it is being written', "Get it again.")
        mode = stat.S_IMODE(info.st_mode)
        return rpb.ReadFileResponse(data=data, total_bytes=info.st_size, revision=found, mode=mode)

    def _list_top(self, recursive: bool) -> tuple["list[pb.FileEntry]", bool]:
        entries = _Entries()
        # data/ may hold millions of files in S3: it is listed only when a path in it is asked for.
        with suppress(FileNotFoundError), self._root(DATA) as (data, _):
            entries.add(DATA, os.fstat(data))
        with self._root("") as (root, _):
            full = _collect(root, "", entries, recursive, -1)  # depth counts from the folders in it
        return entries.sorted(), full

    @contextmanager
    def _root(self, plain: str) -> Iterator[tuple[int, str]]:
        """The descriptor of the workspace's folder, or of that of the datasets, and the path in it."""
        base, inner = self._workspace, plain
        if is_in_data(plain):
            base, inner = self._data, plain.partition("/")[2]
        fd = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            yield fd, inner
        finally:
            os.close(fd)


class _Entries:
    """Of one listing, within its bounds."""

    def __init__(self) -> None:
        self._entries: list[pb.FileEntry] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        return len(self._entries) >= MAX_ENTRIES or self._bytes >= MAX_LISTING_BYTES

    def add(self, path: str, info: os.stat_result) -> None:
        self._entries.append(entry_of(path, info))
        self._bytes += _ENTRY_BYTES + len(path.encode())

    def sorted(self) -> "list[pb.FileEntry]":
        return sorted(self._entries, key=lambda entry: entry.path)


def _collect(folder: int, path: str, entries: _Entries, recursive: bool, depth: int) -> bool:
    """Adds the entries of the folder, and then those of its folders, so that none of its own is left out for theirs; True when it
    stopped at the listing's bounds."""
    folders: list[tuple[str, str]] = []
    with os.scandir(folder) as found:
        for one in found:
            if path == "" and one.name == DATA:
                continue  # its datasets are elsewhere for the agent, or may be
            if entries.is_full:
                return True
            try:
                info = one.stat(follow_symlinks=False)
            except OSError:
                continue
            name = os.fsencode(os.path.join(path, one.name)).decode("utf-8", "replace")
            entries.add(name, info)
            if recursive and stat.S_ISDIR(info.st_mode) and depth < _MAX_DEPTH:
                folders.append((one.name, name))
    for inner_name, name in folders:
        try:
            with open_confined_folder(folder, inner_name) as inner:
                if _collect(inner, name, entries, True, depth + 1):
                    return True
        except OSError:
            continue
    return False


def entry_of(path: str, info: os.stat_result) -> pb.FileEntry:
    """The entry of one file below /workspace."""
    kind = pb.FileEntry.TYPE_OTHER
    if stat.S_ISREG(info.st_mode):
        kind = pb.FileEntry.TYPE_FILE
    elif stat.S_ISDIR(info.st_mode):
        kind = pb.FileEntry.TYPE_DIRECTORY
    elif stat.S_ISLNK(info.st_mode):
        kind = pb.FileEntry.TYPE_SYMLINK
    size = info.st_size if stat.S_ISREG(info.st_mode) else 0
    modified = timestamp(info.st_mtime_ns)
    return pb.FileEntry(
        path=path, type=kind, bytes=size, modified_at=modified, mode=stat.S_IMODE(info.st_mode)
    )


def translate(error: OSError, path: str) -> GradError:
    """The GradError for an error of the system."""
    shown = f'"{path[:200]}"'
    if error.errno == errno.ENOENT:
        return GradError("file_not_found", f"Cannot find {shown}", "See `gractl file list`.")
    if error.errno in (errno.ELOOP, errno.EXDEV):
        return GradError("path_not_allowed", f"Cannot use the path {shown}: it leads through a symbolic link")
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.ENXIO, errno.ENAMETOOLONG):
        return GradError("path_not_allowed", f"Cannot use the path {shown}: it is no regular file")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return GradError("storage_full", f"Cannot write {shown}: the runner's storage is full")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return GradError("path_not_allowed", f"Cannot open {shown}: permission denied")
    return GradError("file_not_found", f"Cannot open {shown}: {error.strerror}")
