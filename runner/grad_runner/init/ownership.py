"""Giving a runner's folder to the runner's user."""

import os
import stat
from collections import Counter

from grad_runner.common.log import log

Identity = tuple[int, int]


def give_folder(folder: str, uid: int) -> None:
    """Makes `uid` and the group of that number the owner of `folder` and of all that is in it. Raises OSError.

    Does nothing where the folder itself belongs to `uid` already: it is given last, so then everything in it was.
    Nothing may change the folder meanwhile. Hostile code that ran as root may have made what is in it: links are given and not
    followed, and a file that also has a name outside of the folder, which may be any file of the machine, stays as it is.
    """
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(top).st_uid == uid:
            return
        names = _names_of_files(top)
        for _, folders, files, parent in os.fwalk(".", dir_fd=top, follow_symlinks=False, onerror=_raise):
            for name in folders + files:
                found = os.lstat(name, dir_fd=parent)
                if stat.S_ISDIR(found.st_mode) or names[found.st_dev, found.st_ino] >= found.st_nlink:
                    os.chown(name, uid, uid, dir_fd=parent, follow_symlinks=False)
                else:
                    log("warn", "file.not_given", folder=folder, reason="it has a name outside of the folder")
        os.fchown(top, uid, uid)
    finally:
        os.close(top)


def give_file(path: str, uid: int) -> None:
    """Makes the file unless it exists, and `uid` its owner. Nobody hostile may write in the folder. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    try:
        os.fchown(descriptor, uid, uid)
    finally:
        os.close(descriptor)


def _names_of_files(top: int) -> Counter[Identity]:
    """How many names in the folder each file has that is no folder."""
    names: Counter[Identity] = Counter()
    for _, folders, files, parent in os.fwalk(".", dir_fd=top, follow_symlinks=False, onerror=_raise):
        for name in folders + files:  # a link to a folder is listed as a folder
            found = os.lstat(name, dir_fd=parent)
            names[found.st_dev, found.st_ino] += 1
    return names


def _raise(error: OSError) -> None:
    raise error
