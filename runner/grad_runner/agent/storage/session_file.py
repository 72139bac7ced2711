"""The state of a session on the disk: `sessions/<name>.json`."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from grad_runner.common.log import log


@dataclass(slots=True)
class SessionState:
    """`generation` counts kernels from 1 and is 0 before the first. `alive`: the last of them is not known to have ended."""

    name: str
    kernel: str
    created_ns: int
    last_used_ns: int
    generation: int = 0
    previous_end: str = ""
    executions: int = 0
    alive: bool = False


def save(folder: Path, state: SessionState) -> None:
    """Best effort: a session that could not be saved loses its variables at the agent's next start, not more."""
    path = folder / f"{state.name}.json"
    try:
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(state)), encoding="utf-8")
        os.rename(temporary, path)
    except OSError as error:
        log("warn", "session.not_saved", session=state.name, error=str(error))


def remove(folder: Path, name: str) -> None:
    """Best effort: a session whose file stays is there again, empty, after the agent's next start."""
    try:
        (folder / f"{name}.json").unlink(missing_ok=True)
    except OSError as error:
        log("warn", "session.not_removed", session=name, error=str(error))


def load(folder: Path) -> list[SessionState]:
    """All saved sessions, by name. Creates the folder. A file that cannot be read is left out and logged."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    states: list[SessionState] = []
    for path in sorted(folder.glob("*.json")):
        try:
            states.append(SessionState(**json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError) as error:
            log("warn", "session.unreadable", file=path.name, error=str(error))
    return states
