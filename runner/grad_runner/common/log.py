"""Structured logs, in the format of shared/log.ts: one JSON object per line on stderr, with a constant event name and fields."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

Level = Literal["info", "warn", "error"]
Field = str | int | float | bool | None | Sequence[str]


def log(level: Level, event: str, **fields: Field) -> None:
    """Writes one line. `event` is a constant `noun.verb`; "info" is for changes of state only. Fields must hold no key and no
    output of user code."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sys.stderr.write(json.dumps({"time": time, "level": level, "event": event, **fields}) + "\n")
    sys.stderr.flush()
