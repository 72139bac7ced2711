"""How much of the disk folders of untrusted code take. Blocking: to be called in a thread."""

import os
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grad_runner.common.deleted_files import deleted_files

_BLOCK_BYTES: Final = 512
MAX_DEPTH: Final = 200
"""Of folders in folders: each takes a descriptor while its content is read."""
_WORK_SECONDS: Final = 0.002
"""Of work before a rest of the same length, so that the agent's event loop has its turn."""


@dataclass(frozen=True, slots=True)
class Usage:
    """`bytes` by blocks on the disk, each file once however many names it has. `files` counts folders, too; `is_complete` is
    False where it would take too long to count all."""

    bytes: int = 0
    files: int = 0
    is_complete: bool = True


def measure(
    folders: Iterable[Path],
    max_files: int,
    *,
    without: Collection[Path] = (),
    processes: Path = Path("/proc"),
) -> Usage:
    """What lies in `folders`, and the deleted files of their file systems that a process has open. Links are not followed, and
    a folder that denies the reading is opened to its owner. Stops counting above `max_files`. `without` are entries of `folders`
    that are not even looked at: to ask a mount of a server that is frozen would take for ever."""
    rest = _rest()
    total, files, seen, devices = 0, 0, set[tuple[int, int]](), set[int]()
    complete = True
    for folder in folders:
        try:
            top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:  # it is not there, or code has put something else in its place
            continue
        devices.add(os.fstat(top).st_dev)
        for found in _files_below(top, {path.name for path in without if path.parent == folder}):
            rest()
            if found is None or files > max_files:
                complete = False
                if found is None:
                    continue
                break
            files += 1
            if found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode):
                if (found.st_dev, found.st_ino) in seen:
                    continue
                seen.add((found.st_dev, found.st_ino))
            total += found.st_blocks * _BLOCK_BYTES
    for found in deleted_files(processes):
        rest()
        if found is not None and found.st_dev in devices and (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            total += found.st_blocks * _BLOCK_BYTES
    return Usage(total, files, complete)


def _files_below(top: int, without: Collection[str]) -> Iterator[os.stat_result | None]:
    """All entries below the folder `top`, which is closed at the end, but those of these names in it; None for a folder that is
    too deep."""
    open_folders = [(top, iter([name for name in _names(top) if name not in without]))]
    try:
        while open_folders:
            folder, names = open_folders[-1]
            name = next(names, None)
            if name is None:
                os.close(folder)
                open_folders.pop()
                continue
            try:
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                yield found
                if not stat.S_ISDIR(found.st_mode):
                    continue
                if len(open_folders) >= MAX_DEPTH:
                    yield None
                    continue
                inner = _open_folder(folder, name)
            except OSError:  # it has just been deleted or exchanged
                continue
            if os.fstat(inner).st_dev != os.fstat(top).st_dev:  # something is mounted there
                os.close(inner)
                continue
            open_folders.append((inner, iter(_names(inner))))
    finally:
        for folder, _ in open_folders:
            os.close(folder)


def _names(folder: int) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _open_folder(parent: int, name: str) -> int:
    flags = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(name, os.O_RDONLY | flags, dir_fd=parent)
    except PermissionError:
        handle = os.open(name, os.O_PATH | flags, dir_fd=parent)
        try:
            os.chmod(f"/proc/self/fd/{handle}", 0o700)
            return os.open(name, os.O_RDONLY | flags, dir_fd=parent)
        finally:
            os.close(handle)


def _rest() -> Callable[[], None]:
    """A function to be called often, which sleeps as long as the work between took."""
    began = time.monotonic()

    def rest() -> None:
        nonlocal began
        worked = time.monotonic() - began
        if worked >= _WORK_SECONDS:
            time.sleep(worked)
            began = time.monotonic()

    return rest
