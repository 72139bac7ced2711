"""How often the system's out-of-memory killer has struck in our control group, where we are in one."""

from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


def oom_kills() -> int | None:
    """Kills so far; None where nobody counts them for us."""
    for file in _candidates():
        try:
            lines = file.read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.partition(" ")
            if name == "oom_kill" and value.isdigit():
                return int(value)
    return None


def _candidates() -> list[Path]:
    # Cases: version 2 in a container of its own, version 2 on a machine, version 1 in either.
    files = [_ROOT / "memory.events", _ROOT / "memory/memory.oom_control"]
    try:
        memberships = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return files
    for membership in memberships:
        _, controllers, path = membership.split(":", 2)
        if controllers == "":
            files.insert(0, _ROOT / path.lstrip("/") / "memory.events")
        elif "memory" in controllers.split(","):
            files.insert(0, _ROOT / "memory" / path.lstrip("/") / "memory.oom_control")
    return files
