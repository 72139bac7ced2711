"""Which names datasets may have: they become folders below the mount root."""

import re
from typing import Final

_NAME: Final = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")


def name_fault(name: str) -> str | None:
    """Why the name is refused, or None. Pure."""
    return None if _NAME.fullmatch(name) else "the name is not of the form [a-z]([-a-z0-9]{0,38}[a-z0-9])?"
