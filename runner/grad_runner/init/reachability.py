"""Showing to the runner's user what it needs and cannot reach, such as a Python environment below root's home."""

import errno
import os
from collections.abc import Sequence

from grad_runner.common.mounts import bind, mount_cover
from grad_runner.init.unprivileged_user import ask_as

_MAX_LINKS = 40
Link = tuple[str, str]
"""Path and target of a symbolic link."""


def make_reachable(paths: Sequence[str], uid: int) -> None:
    """Lets `uid` reach each of `paths` (files and folders that exist, absolute) under its own name, in this mount namespace.

    A folder on the way that `uid` may not enter is covered by an empty one, in which only what is needed is shown. Raises
    OSError; PermissionError for a path that `uid` itself may not enter or run: no name for it would help.
    """
    found = [follow(path) for path in paths]
    real = sorted({path for path, _ in found})
    links = sorted({link for _, on_the_way in found for link in on_the_way})
    closed = _closed_folders([*real, *(link for link, _ in links)], uid)
    hidden = _outermost([path for path in real if _is_below_any(path, closed)])
    descriptors = {path: os.open(path, os.O_PATH) for path in hidden}
    is_folder = {path: os.path.isdir(path) for path in hidden}
    try:
        for folder in closed:
            mount_cover(folder)
        for path, descriptor in descriptors.items():
            _make_target(path, is_folder=is_folder[path])
            bind(f"/proc/self/fd/{descriptor}", path)
        for link, target in links:
            if _is_below_any(link, closed) and not _is_below_any(link, hidden):
                os.makedirs(os.path.dirname(link), mode=0o711, exist_ok=True)
                os.symlink(target, link)
    finally:
        for descriptor in descriptors.values():
            os.close(descriptor)
    refused = ask_as(uid, lambda: [path for path in paths if not os.access(path, os.X_OK)])
    if refused:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), refused[0])


def follow(path: str) -> tuple[str, list[Link]]:
    """The real path, and the symbolic links on the way to it. Raises OSError."""
    links: list[Link] = []
    parts = _parts(path)
    here = "/"
    while parts:
        part = parts.pop()
        if part == "..":
            here = os.path.dirname(here)
            continue
        step = os.path.join(here, part)
        if not os.path.islink(step):
            here = step
            continue
        target = os.readlink(step)
        links.append((step, target))
        if len(links) > _MAX_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        parts += _parts(target)
        if target.startswith("/"):
            here = "/"
    os.stat(here)
    return here, links


def _parts(path: str) -> list[str]:
    """Components, the first one last."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]


def _closed_folders(paths: Sequence[str], uid: int) -> list[str]:
    """The folders above `paths` that `uid` may not enter, of several below each other the outermost."""

    def first_closed() -> list[str]:
        closed = []
        for path in paths:
            names = path.split("/")[1:-1]
            above = ["/" + "/".join(names[:count]) for count in range(1, len(names) + 1)]
            closed += [folder for folder in above if not os.access(folder, os.X_OK)][:1]
        return closed

    return _outermost(ask_as(uid, first_closed))


def _outermost(folders: Sequence[str]) -> list[str]:
    outermost: list[str] = []
    for folder in sorted(set(folders)):
        if not _is_below_any(folder, outermost):
            outermost.append(folder)
    return outermost


def _is_below_any(path: str, folders: Sequence[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def _make_target(path: str, *, is_folder: bool) -> None:
    os.makedirs(os.path.dirname(path), mode=0o711, exist_ok=True)
    if is_folder:
        os.mkdir(path, 0o711)
    else:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
