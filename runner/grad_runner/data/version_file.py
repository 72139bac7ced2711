"""Shows the agent which datasets are attached, so that it accepts code only for those.

Between the call that attaches datasets and the one that executes, another grad may attach others. The agent therefore compares
the version that grad got from Apply with this file. It is removed before anything is unmounted or mounted and written when the
new set is the applied one; a version that is read here was in force at that moment.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from grad_runner.common.datasets_status import remove_reasons, write_reasons


class VersionFile:
    """The file at `path`, which only this component writes; with no path nothing is written. Raises OSError."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def write(self, version: str) -> None:
        """Replaces the file in one step: a reader never sees half of it."""
        if self._path is None:
            return
        new = self._path.with_name(f"{self._path.name}.new")
        new.write_text(version, encoding="ascii")
        os.replace(new, self._path)

    def remove(self) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def remove_reasons(self) -> None:
        if self._path is not None:
            remove_reasons(self._path)

    def write_reasons(self, reasons: Mapping[str, str]) -> None:
        """Beside it, for the agent's hints: why datasets are not readable, by name."""
        if self._path is not None:
            write_reasons(self._path, reasons)
