"""A file by which the data component says which datasets are not readable and why, for the hints of exceptions in the agent.

It lies beside the version file, in a folder that only these two components see.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_MAX_BYTES: Final = 256 * 1024
_MAX_REASON_CHARS: Final = 1_000


def _path(version_file: Path) -> Path:
    return version_file.with_name(f"{version_file.name}.reasons")


def write_reasons(version_file: Path, reasons: Mapping[str, str]) -> None:
    """`reasons`: by dataset, sentences for people. Replaces the file in one step. Raises OSError."""
    path = _path(version_file)
    new = path.with_name(f"{path.name}.new")
    bounded = {name: reason[:_MAX_REASON_CHARS] for name, reason in reasons.items()}
    new.write_text(json.dumps(bounded), encoding="utf-8")
    os.replace(new, path)


def remove_reasons(version_file: Path) -> None:
    """Raises OSError."""
    _path(version_file).unlink(missing_ok=True)


def read_reasons(version_file: Path | None) -> dict[str, str]:
    """Empty where there is no file, or no version file. What is not of the expected form is left out."""
    found: object = None
    if version_file is not None:
        with contextlib.suppress(OSError, ValueError), _path(version_file).open("rb") as file:
            found = json.loads(file.read(_MAX_BYTES))
    if not isinstance(found, dict):
        return {}
    return {name: reason for name, reason in found.items() if isinstance(reason, str)}
