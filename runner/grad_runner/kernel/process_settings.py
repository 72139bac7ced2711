"""Environment variables and the working directory of one cell."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def process_settings(variables: Mapping[str, str], directory: str) -> Iterator[None]:
    """They hold inside the block. Behind it everything is as before, except for what the block itself has changed. Raises OSError
    for a directory that cannot be entered; then nothing is changed. "" leaves the directory."""
    came_from = _current_directory()
    if directory:
        os.chdir(directory)
    entered = _current_directory()
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if os.environ.get(name) == variables[name]:
                _set(name, value)
        if directory and came_from is not None and _current_directory() == entered:
            os.chdir(came_from)


def _set(name: str, value: str | None) -> None:
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value


def _current_directory() -> str | None:
    """None where it has been deleted."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return None
