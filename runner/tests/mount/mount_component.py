"""A real mount component in a mount namespace of its own, and a client that asks as libfuse's helper does."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.init.init_process import RUNNER_ROOT, within


@dataclass(frozen=True, slots=True)
class MountComponent:
    holder: int
    """Process that keeps the mount namespace, also after the component has ended."""
    process: subprocess.Popen[str]
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "data"

    def mount(self, request: str, descriptors: int = 1) -> "Mounted":
        """Sends a request with so many sockets; the answer is in the result."""
        ours, theirs = socket.socketpair()
        with theirs:
            answer = self.ask(request, [theirs.fileno()] * descriptors)
        device = -1
        if answer == "ok":
            _, (device,), _, _ = socket.recv_fds(ours, 1, 1)
        return Mounted(answer, ours, device)

    def ask(self, request: str, descriptors: list[int]) -> str:
        """What the component answers to a request with these descriptors."""
        with self.connect() as connection:
            socket.send_fds(connection, [request.encode()], descriptors)
            return connection.recv(4096).decode()

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(60)
            connection.connect(str(self.folder / "mount.sock"))
        except OSError:
            connection.close()
            raise
        return connection

    def serving(self) -> int:
        """The id of the process that serves; the first one has no other child."""
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text())

    def serving_again(self, killed: int) -> bool:
        """Whether another process serves than the one that was killed."""
        try:
            if self.serving() == killed:
                return False
            self.connect().close()
        except (OSError, ValueError):
            return False
        return True

    def open_descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.serving()}/fd").iterdir()))

    def mounts(self) -> dict[str, str]:
        """Options by mount point, of the FUSE mounts of the namespace. Fails where two are at one place."""
        lines = Path(f"/proc/{self.holder}/mountinfo").read_text().splitlines()
        found = [line.split(" ") for line in lines if " fuse.s3fs " in line]
        points = {fields[4]: fields[5] for fields in found}
        assert len(points) == len(found), lines
        return points

    def inside(self, *argv: str) -> subprocess.Popen[str]:
        """Starts a command in the component's mount namespace."""
        return subprocess.Popen([*_enter(self.holder), *argv], stderr=subprocess.PIPE, text=True)

    @contextmanager
    def other_namespace(self) -> Iterator[Path]:
        """The table of mounts of a namespace that sees what is mounted below the root, as a data component's does."""
        enter = [*_enter(self.holder), "unshare", "--mount", "--propagation", "slave", "sleep", "infinity"]
        with subprocess.Popen(enter) as looking:
            try:
                within(60, lambda: Path(f"/proc/{looking.pid}/comm").read_text() == "sleep\n")
                yield Path(f"/proc/{looking.pid}/mountinfo")
            finally:
                looking.kill()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@dataclass(frozen=True, slots=True)
class Mounted:
    answer: str
    libfuse: socket.socket
    device: int

    def end(self) -> None:
        """As the end of s3fs does."""
        self.libfuse.close()
        if self.device >= 0:
            os.close(self.device)


def _enter(holder: int) -> list[str]:
    user = [] if os.getuid() == 0 else ["-U", "--preserve-credentials"]
    return ["nsenter", "-t", str(holder), *user, "-m"]


@contextmanager
def mount_component(*, shared: bool = False) -> Iterator[MountComponent]:
    """`shared` lets other namespaces see what is mounted, as the kubelet does."""
    user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    with tempfile.TemporaryDirectory(prefix="gm-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        (folder / "data").mkdir()
        namespaces = ["unshare", *user, "--mount", "--propagation", "private"]
        holder = subprocess.Popen([*namespaces, "sleep", "infinity"])
        stack.callback(holder.wait)
        stack.callback(holder.kill)
        within(60, lambda: Path(f"/proc/{holder.pid}/comm").read_text() == "sleep\n")
        data = str(folder / "data")
        for share in [["--bind", data, data], ["--make-shared", data]] if shared else []:
            subprocess.run([*_enter(holder.pid), "mount", *share], check=True)
        own = [data, str(folder / "mount.sock"), str(os.getuid()), str(os.getgid())]
        # Not -I: the package lies in this repository.
        argv = [*_enter(holder.pid), sys.executable, "-u", "-m", "grad_runner.mount", *own]
        process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(RUNNER_ROOT)}
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        assert process.stdout is not None
        stack.callback(process.stdout.close)
        assert process.stdout.readline() == "serving\n"
        yield MountComponent(holder.pid, process, folder)


def until_mounts(component: MountComponent, names: set[str], seconds: float = 60) -> None:
    """Waits until exactly these datasets are mounted."""
    ends_at = time.monotonic() + seconds
    while {Path(point).name for point in component.mounts()} != names:
        assert time.monotonic() < ends_at, component.mounts()
        time.sleep(0.01)
