"""Writes the agent's own files into the workspace: `code/<id>.<ext>` and `outputs/<id>/…`. User code may have created
anything at these paths; then the file is not written, and the execution goes on."""

import errno
import os
from contextlib import suppress
from pathlib import Path

from grad_runner.agent.files.confined_fs import open_confined_folder, open_regular
from grad_runner.common.log import log


class WorkspaceWriter:
    """`path` is the folder that user code sees as /workspace. Raises OSError if it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self.root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def write(self, folder: str, name: str, data: bytes) -> str:
        """Writes `folder/name` and returns this path, or "" if it could not. Raises OSError for a full disk only."""
        fd = self.open(folder, name)
        if fd is None:
            return ""
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]
        finally:
            os.close(fd)
        return f"{folder}/{name}"

    def open(self, folder: str, name: str, *, append: bool = False) -> int | None:
        """A descriptor to write with, or None if it could not be opened. Creates the folder; empties the file unless `append`.
        Raises OSError for a full disk only."""
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
        try:
            with open_confined_folder(self.root, folder, create=True) as inner:
                return open_regular(inner, name, flags, 0o644)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            log("warn", "workspace.not_written", path=f"{folder}/{name}", error=str(error))
            return None

    def rename(self, folder: str, old: str, new: str) -> None:
        """Renames a file in a folder that `open` has created. Raises OSError."""
        with open_confined_folder(self.root, folder) as inner:
            os.rename(old, new, src_dir_fd=inner, dst_dir_fd=inner)

    def remove(self, folder: str, name: str) -> None:
        """Deletes a file, or a link itself. Best effort: there may be none."""
        with suppress(OSError), open_confined_folder(self.root, folder) as inner:
            os.unlink(name, dir_fd=inner)

    def size(self, folder: str, name: str) -> int | None:
        """Bytes of the file; None if there is none."""
        try:
            with open_confined_folder(self.root, folder) as inner:
                return os.stat(name, dir_fd=inner, follow_symlinks=False).st_size
        except OSError:
            return None

    def close(self) -> None:
        os.close(self.root)
