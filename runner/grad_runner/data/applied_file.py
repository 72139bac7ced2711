"""The datasets as they were applied last, keys included, for the next process of this component.

In a pod the file lies in a folder in memory that only this component sees: a data component that was killed attaches the datasets
again without waiting for the next call. Never to be put on a disk.
"""

import contextlib
import os
from pathlib import Path

from grad_runner.common.log import log


class AppliedFile:
    """`path` None: nothing is written, and nothing is there to read."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def write(self, request: bytes) -> None:
        """Replaces what is there. A failure is logged: only a restart would miss it."""
        if self._path is None:
            return
        draft = self._path.with_name(f"{self._path.name}.new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(request)
            draft.rename(self._path)
        except OSError as error:
            log("error", "applied_file.not_written", error=str(error))

    def read(self) -> bytes | None:
        if self._path is None:
            return None
        with contextlib.suppress(OSError):
            return self._path.read_bytes()
        return None
