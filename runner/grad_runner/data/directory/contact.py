"""Sockets and named pipes in a folder. Through a mount code reaches them like any file, read-only or not, and with them the
program behind: no kind of mount and no permission of a plain user closes them alone, so such a folder is refused."""

import os
import stat
import time
from typing import Final

from grad_runner.data.directory.folder import Identity, identity_of

MAX_ENTRIES: Final = 200_000
MAX_SECONDS: Final = 2.0
_LISTENERS: Final = "/proc/net/unix"
_PATH_FIELD: Final = 7


def find_contact(root: str, max_entries: int = MAX_ENTRIES, max_seconds: float = MAX_SECONDS) -> str | None:
    """The path of a socket or a named pipe below `root`, relative to it; None where there is none among the first `max_entries`
    entries, looked at for at most `max_seconds`. What may not be listed is left out: code may not list it either."""
    ends_at = time.monotonic() + max_seconds
    folders, seen = [""], 0
    while folders and seen < max_entries and time.monotonic() < ends_at:
        folder = folders.pop()
        try:
            entries = os.scandir(os.path.join(root, folder))
        except OSError:
            continue
        with entries:
            for entry in entries:
                seen += 1
                path = os.path.join(folder, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                elif not (entry.is_file(follow_symlinks=False) or entry.is_symlink()) and _is_contact(entry):
                    return path
                if seen >= max_entries:
                    break
    return None


def _is_contact(entry: "os.DirEntry[str]") -> bool:
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError:
        return False
    return stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode)


def find_listener(folder: Identity) -> str | None:
    """The path of a socket that some program of the machine has bound at or below the folder, by the kernel's own table. Cheap
    however large the folder is, so that sockets which are made later are found as well."""
    with open(_LISTENERS, encoding="utf-8", errors="surrogateescape") as table:
        lines = table.read().splitlines()[1:]
    paths = [fields[-1] for line in lines if len(fields := line.split(maxsplit=_PATH_FIELD)) > _PATH_FIELD]
    known: dict[str, bool] = {}

    def is_inside(path: str) -> bool:
        """Whether `path`, a folder without links in it, is the folder or below it."""
        if path not in known:
            known[path] = identity_of(path) == folder or (path != "/" and is_inside(os.path.dirname(path)))
        return known[path]

    # An abstract name begins with @, and what was bound by a relative path cannot be found.
    bound = (path for path in paths if path.startswith("/") and os.path.lexists(path))
    return next((path for path in bound if is_inside(os.path.realpath(os.path.dirname(path)))), None)
