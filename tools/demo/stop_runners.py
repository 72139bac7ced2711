"""Ends the processes of a workspace's local runners, by their inits: stop_runners.py CONFIG_YAML STATE_FOLDER.

Their volumes and records stay, so that the next `execute-code` starts them again over the same files.
"""

import json
import re
import socket
import sys
from pathlib import Path

GRACE_MS = 3_000


def runtime_folder(state: Path) -> Path:
    """Where the sockets of this state folder's runners are, as grad recorded it."""
    return Path(json.loads((state / "grad.json").read_text())["runtimeDir"])


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
    if found is None or not (state / "grad.json").exists():
        return
    for record in sorted(state.glob("records/*.json")):
        if found[1] in record.read_text() and stop(runtime_folder(state) / record.stem / "init.sock"):
            print(f"  Runner {record.stem} has ended; its files stay.")


main()
