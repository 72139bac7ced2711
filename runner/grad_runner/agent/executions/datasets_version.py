"""Whether the datasets that code is for are those that are attached; see grad_runner/data/version_file.py, which writes."""

from pathlib import Path
from typing import Final

from grad_runner.common.errors import GradError

_MAX_BYTES: Final = 64


def require_attached(version: str, file: Path | None) -> None:
    """Nothing is checked where grad names no version or this agent has no file. Raises GradError `datasets_changed`."""
    if version == "" or file is None or _attached(file) == version:
        return
    raise GradError(
        "datasets_changed",
        "Cannot run the code: another call has attached other datasets to this runner",
        "Run it again, or use another runner: all sessions of a runner see the same datasets.",
    )


def _attached(file: Path) -> str:
    """Empty while the set changes, and as long as the data component is not up."""
    try:
        with file.open(encoding="ascii", errors="replace") as opened:
            return opened.read(_MAX_BYTES + 1)
    except OSError:
        return ""
