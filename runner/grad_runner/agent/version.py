"""The version that the agent reports."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final


def _installed() -> str:
    try:
        return version("grad-runner")
    except PackageNotFoundError:  # run from the source tree
        return "0.0.0+source"


VERSION: Final = _installed()
