"""Logs are events with fields: a constant `noun.verb` name, one JSON object a line on stderr, as
shared/log.ts writes them."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

Level = Literal["info", "warn", "error"]
Field = str | int | float | bool | None | Sequence[str]


def log(level: Level, event: str, **fields: Field) -> None:
    """Info is for changes of state only. No field ever holds a key or what a user's code wrote."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sys.stderr.write(json.dumps({"time": time, "level": level, "event": event, **fields}) + "\n")
    sys.stderr.flush()
