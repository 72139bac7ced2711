"""Mounts and unmounts below one folder, the root.

What keeps a mount from landing elsewhere is the layout: the root is a volume of its own, belongs to root, and is read-only in
every other container, so nobody else can rename or link anything in it. Descriptors are the second line: the folder is opened
without following links, and the mount is attached to that descriptor.
"""

import contextlib
import os
import re

from grad_runner.mount.system_calls import NODEV, NOSUID, RDONLY, attach, detach, new_file_system

DATASET_NAME = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
MAX_MOUNTS = 128  # a runner has at most 100 datasets


class Mounter:
    """FUSE mounts by the name of the dataset, never two at one place. `uid` and `gid` are those of the serving process.

    `served_by` has, by dataset, the descriptor of libfuse's socket, which closes when the process that serves the mount ends.
    """

    def __init__(self, root: str, uid: str, gid: str) -> None:
        """Takes the root, and unmounts what a process that was killed has left: the data component mounts again."""
        self.served_by: dict[str, int] = {}
        self._root = root
        self._folder = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._options = f"source=s3fs,subtype=s3fs,rootmode=40000,user_id={uid},group_id={gid},allow_other"
        os.chown(root, 0, 0)
        os.chmod(root, 0o755)  # the kubelet lets the group of the pod write to it
        for name in os.listdir(root):
            self.unmount(name)

    def mount(self, name: str, read_only: bool, device: int) -> None:
        """Mounts a new FUSE file system in place of what is mounted for the dataset. `device` is a new descriptor of /dev/fuse,
        for the process that serves it. Raises ValueError for what cannot be a name and for too many mounts, OSError."""
        if not DATASET_NAME.fullmatch(name):
            raise ValueError("not the name of a dataset")
        if len(self.served_by) >= MAX_MOUNTS:
            raise ValueError("too many mounts")
        options = f"{self._options},fd={device}" + (",ro" if read_only else "")
        mount = new_file_system("fuse", options, NOSUID | NODEV | (RDONLY if read_only else 0))
        try:
            # umount2 on a mount that another one covers would take that one away: so the old one goes first.
            self.unmount(name)
            # Closed to everybody: while nothing is mounted, opening it is an error.
            os.mkdir(name, 0o000, dir_fd=self._folder)
            attach(mount, self._folder, name)
        finally:
            os.close(mount)

    def unmount(self, name: str) -> None:
        """Unmounts what is mounted at the name, if anything."""
        path = os.path.join(self._root, name)
        while detach(path):
            pass
        with contextlib.suppress(OSError):
            os.rmdir(path)
        with contextlib.suppress(KeyError):
            os.close(self.served_by.pop(name))
