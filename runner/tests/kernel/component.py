"""A real kernel component for tests: the supervisor as a process, and clients of its socket and of its kernels."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

from grad_runner.kernel.process_table import read_processes
from grad_runner.kernel.spool import Record, SpoolReader

_RUNNER = Path(__file__).parents[2]


class SupervisorClient:
    """One connection; `events` collects the events that came meanwhile."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self._id = 0
        self.events: list[dict[str, Any]] = []

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        self._id += 1
        return self.send_line(json.dumps({"id": self._id, "op": op, **members}).encode(), self._id)

    def send_line(self, line: bytes, request_id: int | None) -> dict[str, Any]:
        self._socket.sendall(line + b"\n")
        while True:
            message = self._next()
            if "event" not in message and message["id"] == request_id:
                return message
            self.events.append(message)

    def wait_for(self, event: str, **members: Any) -> dict[str, Any]:
        while True:
            for seen in self.events:
                if seen["event"] == event and members.items() <= seen.items():
                    self.events.remove(seen)
                    return seen
            self.events.append(self._next())

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def _next(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise EOFError("the supervisor has closed the connection")
        message: dict[str, Any] = json.loads(line)
        return message


@dataclass
class Cell:
    """The output of one execution: messages in their order, what it appended to stdout and stderr, and the reply."""

    messages: list[tuple[str, dict[str, Any]]]
    stdout: str
    stderr: str
    reply: dict[str, Any]

    def content(self, kind: str) -> dict[str, Any]:
        return next(content for seen, content in self.messages if seen == kind)

    @property
    def text(self) -> str:
        return str(self.content("execute_result")["data"]["text/plain"])


class KernelClient:
    """One kernel over zmq; of jupyter_client only its session is used."""

    def __init__(self, component: "Component", name: str, key: str) -> None:
        self.name = name
        self.folder = component.folder / name
        self._context = zmq.Context()
        self._session = Session(key=key.encode())
        self._shell = self._connect(zmq.DEALER, 1)
        self._control = self._connect(zmq.DEALER, 4)
        self._iopub = self._connect(zmq.SUB, 2)
        while self._receive(self._iopub, 10)["msg_type"] != "iopub_welcome":
            pass

    def _connect(self, kind: int, port: int) -> "zmq.Socket[bytes]":
        sock = self._context.socket(kind)
        sock.linger = 0
        if kind == zmq.SUB:
            sock.rcvhwm = 0
            sock.subscribe(b"")
        sock.connect(f"ipc://{self.folder}/z-{port}")
        return sock

    def _receive(self, sock: "zmq.Socket[bytes]", timeout_s: float) -> dict[str, Any]:
        if not sock.poll(int(1000 * timeout_s)):
            raise TimeoutError(f"no message from {self.name}; its stderr: {self.output('stderr')[-2000:]}")
        message = self._session.recv(sock)[1]
        assert message is not None
        return message

    def output(self, name: str) -> str:
        return (self.folder / name).read_text()

    def send(self, code: str, *, silent: bool = False, **settings: Any) -> str:
        """`settings`: what a kernel of ours gets beside the code."""
        content: dict[str, Any] = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "allow_stdin": True,
        }
        content["grad"] = settings
        content.update(user_expressions={}, stop_on_error=True)
        message = self._session.msg("execute_request", content)
        self._session.send(self._shell, message)
        return str(message["header"]["msg_id"])

    def collect(self, request: str, timeout_s: float = 30) -> Cell:
        before = len(self.output("stdout")), len(self.output("stderr"))
        messages = []
        while True:
            message = self._receive(self._iopub, timeout_s)
            if message["parent_header"].get("msg_id") != request:
                continue
            messages.append((message["msg_type"], message["content"]))
            if message["content"].get("execution_state") == "idle":
                break
        reply = self._receive(self._shell, timeout_s)["content"]
        return Cell(messages, self.output("stdout")[before[0] :], self.output("stderr")[before[1] :], reply)

    def run(self, code: str, timeout_s: float = 30, *, silent: bool = False, **settings: Any) -> Cell:
        before = len(self.output("stdout")), len(self.output("stderr"))
        cell = self.collect(self.send(code, silent=silent, **settings), timeout_s)
        cell.stdout, cell.stderr = self.output("stdout")[before[0] :], self.output("stderr")[before[1] :]
        return cell

    def control(self, kind: str, timeout_s: float = 10) -> dict[str, Any]:
        self._session.send(self._control, self._session.msg(kind, {}))
        content: dict[str, Any] = self._receive(self._control, timeout_s)["content"]
        return content

    def wait_for_output(self, text: str, timeout_s: float = 20) -> None:
        wait_until(lambda: text in self.output("stdout"), timeout_s)

    def close(self) -> None:
        self._context.destroy(linger=0)


@dataclass
class Component:
    """A running supervisor with its folders."""

    folder: Path
    workspace: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    clients: list[SupervisorClient | KernelClient] = field(default_factory=list)
    _count: int = 0

    def launch(self) -> None:
        log = (self.folder.parent / "kernel.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "grad_runner.kernel", "--dir", str(self.folder)),
                    *("--workspace", str(self.workspace), *self.options),
                ],
                cwd=_RUNNER,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: self._listens(), 10)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.folder / "supervisor.sock")) == 0

    def client(self) -> SupervisorClient:
        client = SupervisorClient(self.folder / "supervisor.sock")
        self.clients.append(client)
        return client

    def kernel(self, client: SupervisorClient, spec: str = "python3") -> KernelClient:
        self._count += 1
        name = f"k-{self._count}"
        answer = client.ask("start", kernel=name, spec=spec)
        assert answer["ok"], answer
        return self.connect(name, answer["key"])

    def connect(self, name: str, key: str) -> KernelClient:
        kernel = KernelClient(self, name, key)
        self.clients.append(kernel)
        return kernel

    def log(self) -> str:
        return (self.folder.parent / "kernel.log").read_text()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(15)

    def close(self) -> None:
        for client in self.clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            self.stop(signal.SIGKILL)


@contextmanager
def component_in(folder: Path, *options: str) -> Iterator[Component]:
    workspace = folder / "workspace"
    workspace.mkdir()
    component = Component(folder / "kernel", workspace, options)
    try:
        component.launch()
        yield component
    finally:
        component.close()


def read_spool(folder: Path) -> list[Record]:
    with SpoolReader(folder / "spool") as reader:
        records = []
        while some := reader.read():
            records += some
    return records


def wait_until(condition: Any, timeout_s: float) -> None:
    give_up_at = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < give_up_at, "the condition did not become true in time"
        time.sleep(0.01)


def processes_of_session(pid: int) -> list[int]:
    """Running processes of the session whose leader is or was `pid`."""
    processes = read_processes().values()
    return [process.pid for process in processes if process.session == pid and not process.zombie]


def pid_of(kernel: KernelClient) -> int:
    return int(kernel.run("import os; os.getpid()").text)
