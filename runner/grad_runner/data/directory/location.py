"""Where a folder really is: on which file system, and where in that. Two names of one folder, by links or bind mounts, have the
same location."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from grad_runner.common.mounts import unescape


@dataclass(frozen=True, slots=True)
class MountEntry:
    """One line of /proc/self/mountinfo. `root` is the folder of the file system that is shown at `point`."""

    id: int
    device: str
    root: str
    point: str
    kind: str


@dataclass(frozen=True, slots=True)
class Location:
    device: str
    path: str
    """Within the file system, which may be mounted in several places."""


def parse_mounts(mountinfo: str) -> list[MountEntry]:
    """The entries in the table's order: a later one may cover an earlier one. Pure."""
    entries = []
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        kind = fields[fields.index("-") + 1]
        root, point = unescape(fields[3]), unescape(fields[4])
        entries.append(MountEntry(int(fields[0]), fields[2], root, point, kind))
    return entries


def is_at_or_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def location_in(entry: MountEntry, path: str) -> Location:
    """The location of `path`, an absolute path without links that lies in the mount `entry`. Pure."""
    below = os.path.relpath(path, entry.point)
    return Location(entry.device, os.path.normpath(os.path.join(entry.root, below)))


def location_of(path: str, entries: Sequence[MountEntry]) -> Location | None:
    """The location of a path without links, by the mount that it lies in. Pure."""
    around = [entry for entry in entries if is_at_or_below(path, entry.point)]
    if not around:
        return None
    longest = max(len(entry.point) for entry in around)
    return location_in([entry for entry in around if len(entry.point) == longest][-1], path)


def contains(folder: Location, other: Location) -> bool:
    """Whether `other` is `folder` or below it."""
    return folder.device == other.device and is_at_or_below(other.path, folder.path)
