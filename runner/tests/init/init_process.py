"""For tests: starts a real init in real namespaces and sends it requests; it ends with the `with` block."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

RUNNER_ROOT = Path(__file__).resolve().parents[2]
NAMESPACES = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]


def unshare() -> list[str]:
    """The command that grad starts it with: a user namespace only where this user is not root."""
    user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, *NAMESPACES]


def within(seconds: float, ask: Callable[[], T | None]) -> T:
    """The first value of `ask` that is truthy; fails after `seconds`, which only end a test that would hang."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if answer := ask():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")


@dataclass(frozen=True, slots=True)
class RunningInit:
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def data_root(self) -> Path:
        return self.folder / "data"

    def log(self, component: str) -> str:
        path = self.folder / f"{component}.log"
        return path.read_text() if path.exists() else ""

    def ask(self, request: object) -> dict[str, Any]:
        line = request if isinstance(request, bytes) else json.dumps(request).encode()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(self.folder / "init.sock"))
            connection.sendall(line + b"\n")
            answer: dict[str, Any] = json.loads(connection.makefile().readline())
            return answer

    def status(self) -> dict[str, Any] | None:
        """None until the socket answers."""
        try:
            return self.ask({"op": "status"})
        except (FileNotFoundError, ConnectionRefusedError):
            return None

    @property
    def pid(self) -> int:
        """Of the init, in the namespace of this test."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[0])

    def inside(self, *argv: str, seconds: float = 60) -> "subprocess.CompletedProcess[str]":
        """Runs a command in the init's namespaces, for at most `seconds`."""
        user = [] if os.getuid() == 0 else ["-U", "--preserve-credentials"]
        return subprocess.run(
            ["nsenter", "-t", str(self.pid), *user, "-m", "-p", *argv],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    def component(self, name: str) -> dict[str, Any]:
        component: dict[str, Any] = self.ask({"op": "status"})["components"][name]
        return component


@contextmanager
def running_init(
    components: Mapping[str, Sequence[str]] | Callable[[Path], Mapping[str, Sequence[str]]],
    env: Mapping[str, str] | None = None,
) -> Iterator[RunningInit]:
    """An init whose components are given by name and argv, or by a function of the runtime folder; its socket answers."""
    folder = Path(tempfile.mkdtemp(prefix="grad-init-"))  # short: socket paths end at 108 bytes
    components = components(folder) if callable(components) else components
    (folder / "data").mkdir()
    plan = {
        "version": 2,
        "runner": "rtest",
        "runtime": str(folder),
        "dataMountRoot": str(folder / "data"),
        "folders": [str(folder / name) for name in ("data", "kernel", "kernel-files")],
        "binds": [{"source": str(folder / "kernel-files"), "target": str(folder / "kernel")}],
        "dataPlace": {"path": str(folder / "place"), "isLink": False},
        "components": [
            {
                "name": name,
                "argv": list(argv),
                "env": {"PATH": "/usr/bin:/bin", "FOLDER": str(folder), **(env or {})},
                "log": str(folder / f"{name}.log"),
                "socket": str(folder / f"{name}.sock"),
            }
            for name, argv in components.items()
        ],
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    with (folder / "init.log").open("wb") as log:
        process = subprocess.Popen(
            [*unshare(), sys.executable, "-m", "grad_runner.init", str(folder / "plan.json")],
            cwd=RUNNER_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    init = RunningInit(process, folder)
    try:
        within(60, init.status)
        yield init
    finally:
        # The init is the child of `unshare`. It ends last of all processes of its namespace, and may end after its parent.
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        inner = children.read_text().split() if process.poll() is None else []
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        within(60, lambda: not any(Path(f"/proc/{pid}").exists() for pid in inner) or None)
        # What a killed component leaves below its mounts has no permissions at all.
        for left in (folder / "data").glob("*"):
            left.chmod(0o700)
        shutil.rmtree(folder)
