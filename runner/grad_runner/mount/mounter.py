"""Mounts and unmounts below one folder, the root.

What keeps a mount from landing elsewhere is the layout: the root is a volume of its own, belongs to root, and is read-only in
every other container, so nobody else can rename or link anything in it. Descriptors are the second line: the folder is opened
without following links, and the mount is attached to that descriptor.
"""

import contextlib
import itertools
import os
import re
import threading

from grad_runner.mount.system_calls import NODEV, NOSUID, RDONLY, attach, detach, new_file_system

DATASET_NAME = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")


class Mounter:
    """FUSE mounts by the name of the dataset, never two at one place. `uid` and `gid` are those of the serving process."""

    def __init__(self, root: str, uid: str, gid: str) -> None:
        """Takes the root, and unmounts what a component that was killed has left: its data component mounts again."""
        self._root = root
        self._folder = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._options = f"source=s3fs,subtype=s3fs,rootmode=40000,user_id={uid},group_id={gid},allow_other"
        self._numbers = itertools.count()
        self._mounts: dict[str, int] = {}  # numbers of mounts by dataset
        self._lock = threading.RLock()  # SIGTERM may interrupt the thread that holds it
        os.chown(root, 0, 0)
        os.chmod(root, 0o755)  # the kubelet lets the group of the pod write to it
        self.clear()

    def clear(self) -> None:
        """Unmounts everything."""
        with self._lock:
            for name in os.listdir(self._root):
                self._remove(name)

    def mount(self, name: str, read_only: bool) -> tuple[int, int]:
        """Mounts a new FUSE file system in place of what is mounted for the dataset. Returns a descriptor of /dev/fuse, for the
        process that serves it, and a number for `ended`. Raises ValueError for what cannot be a name, OSError."""
        if not DATASET_NAME.fullmatch(name):
            raise ValueError("not the name of a dataset")
        with contextlib.ExitStack() as undo:
            device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
            undo.callback(os.close, device)
            options = f"{self._options},fd={device}" + (",ro" if read_only else "")
            mount = new_file_system("fuse", options, NOSUID | NODEV | (RDONLY if read_only else 0))
            try:
                with self._lock:
                    # umount2 on a mount that another one covers would take that one away: so the old one goes first.
                    self._remove(name)
                    # Closed to everybody: while nothing is mounted, opening it is an error.
                    os.mkdir(name, 0o000, dir_fd=self._folder)
                    attach(mount, self._folder, name)
                    number = self._mounts[name] = next(self._numbers)
            finally:
                os.close(mount)
            undo.pop_all()
        return device, number

    def ended(self, name: str, number: int) -> None:
        """The process that served the mount has ended. Unmounts it, unless another one has taken its place."""
        with self._lock:
            if self._mounts.get(name) == number:
                self._remove(name)

    def _remove(self, name: str) -> None:
        path = os.path.join(self._root, name)
        while detach(path):
            pass
        with contextlib.suppress(OSError):
            os.rmdir(path)
        self._mounts.pop(name, None)
