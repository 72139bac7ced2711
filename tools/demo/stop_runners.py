"""Ends the processes of a workspace's local runners, by their inits: stop_runners.py CONFIG_YAML STATE_FOLDER.

Their volumes and records stay, so that the next `execute-code` starts them again over the same files.
"""

import json
import os
import re
import socket
import sys
from pathlib import Path

GRACE_MS = 3_000


def runtime_folder() -> Path:
    """Where grad keeps its sockets: the same choice that grad makes."""
    chosen = os.environ.get("GRAD_RUNTIME_DIR")
    if chosen:
        return Path(chosen)
    session = os.environ.get("XDG_RUNTIME_DIR")
    if session and Path(session).is_dir() and Path(session).stat().st_uid == os.getuid():
        return Path(session) / "grad"
    return Path(f"/tmp/grad-{os.getuid()}")


def stop(init: Path) -> bool:
    """Whether a init was there and has ended its components."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2 * GRACE_MS / 1000 + 10)
            connection.connect(str(init))
            connection.sendall(json.dumps({"op": "stop", "graceMs": GRACE_MS}).encode() + b"\n")
            return bool(json.loads(connection.makefile().readline() or "{}").get("ok"))
    except OSError:
        return False


def main() -> None:
    config, state = (Path(argument) for argument in sys.argv[1:])
    found = re.search(r"^workspaceId:\s*[\"']?([-\w]+)", config.read_text(), re.MULTILINE)
    if found is None:
        return
    for record in sorted(state.glob("runners/*/record.json")):
        if found[1] in record.read_text() and stop(runtime_folder() / record.parent.name / "init.sock"):
            print(f"  Runner {record.parent.name} has ended; its files stay.")


main()
