"""For tests: a real kernel component and a real agent as processes, and a client of the agent."""

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import grpc
import grpc.aio

from grad_runner.gen.grad.v1 import execution_pb2 as pb
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from grad_runner.gen.runner.v1 import agent_pb2_grpc

RUNNER_ID = "rabcdefghijkl"
_SOURCE = Path(__file__).parents[2]
_OPTIONS = [("grpc.max_receive_message_length", 64 * 1024 * 1024)]
_START_SECONDS = 60
_WAIT_SECONDS = 60

_keys = (f"test-key-{os.getpid()}-{n:08d}" for n in itertools.count())


class Components:
    """The folders of a runner; starts its kernel component and agent. `stop` ends both and deletes the folders."""

    def __init__(self) -> None:
        # A path of a few characters: sockets' paths are bounded.
        self.folder = Path(tempfile.mkdtemp(prefix="ga-", dir="/tmp"))
        self.workspace = self.folder / "w"
        self.state = self.folder / "s"
        self.kernels = self.folder / "k"
        for folder in (
            self.workspace / "code",
            self.workspace / "outputs",
            self.workspace / "data",
            self.state,
            self.kernels,
        ):
            folder.mkdir(parents=True)
        self.kernel_component: subprocess.Popen[bytes] | None = None
        self.agent: subprocess.Popen[bytes] | None = None
        self.datasets_version = self.folder / "datasets.version"
        self.address = f"unix:{self.folder}/a.sock"

    def start_kernel_component(self, *arguments: str) -> None:
        command = [
            "-m",
            "grad_runner.kernel",
            "--dir",
            str(self.kernels),
            "--workspace",
            str(self.workspace),
            *arguments,
        ]
        self.kernel_component = self._spawn(command, "kernel.log")

    def start_agent(self, *arguments: str) -> None:
        command = ["-m", "grad_runner.agent", "--listen", self.address, "--runner-id", RUNNER_ID]
        command += [
            "--workspace",
            str(self.workspace),
            "--state",
            str(self.state),
            "--kernel-dir",
            str(self.kernels),
        ]
        command += ["--datasets-version-file", str(self.datasets_version)]
        self.agent = self._spawn([*command, *arguments], "agent.log")

    def kill_agent(self) -> None:
        """Ends it as a crash would, without a chance to clean up."""
        assert self.agent is not None
        self.agent.kill()
        self.agent.wait()

    def stop(self) -> None:
        for process in (self.agent, self.kernel_component):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def touch(self, name: str) -> None:
        """Makes a file of the workspace, for which code of `wait_for_file` waits."""
        (self.workspace / name).touch()

    def log(self, name: str) -> str:
        return (self.folder / name).read_text(errors="replace")[-4000:]

    def _spawn(self, arguments: Sequence[str], log: str) -> "subprocess.Popen[bytes]":
        with (self.folder / log).open("ab") as file:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=_SOURCE,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**os.environ, "PYTHONPATH": str(_SOURCE), "PYTHONWARNINGS": "default"},
            )


class Ran:
    """A finished execution and its events."""

    def __init__(self, execution: pb.Execution, events: Sequence[pb.Event]) -> None:
        self.execution = execution
        self.events = events
        self.id = execution.id

    @property
    def status(self) -> str:
        return (
            pb.ExecutionStatus.Name(self.events[-1].finished.status).removeprefix("EXECUTION_STATUS_").lower()
        )

    @property
    def stdout(self) -> bytes:
        return b"".join(event.stdout.data for event in self.events)

    @property
    def stderr(self) -> bytes:
        return b"".join(event.stderr.data for event in self.events)

    @property
    def kinds(self) -> list[str]:
        return [str(event.WhichOneof("kind")) for event in self.events]

    @property
    def result(self) -> str:
        return next(_text(event.result) for event in self.events if event.HasField("result"))

    @property
    def error(self) -> pb.ExecutionError:
        return next(event.error for event in self.events if event.HasField("error"))

    @property
    def artifacts(self) -> dict[str, pb.Artifact]:
        return {event.artifact.path: event.artifact for event in self.events if event.HasField("artifact")}

    @property
    def gaps(self) -> dict[str, pb.Gap]:
        return {event.gap.of: event.gap for event in self.events if event.HasField("gap")}

    @property
    def started(self) -> pb.Started:
        return next(event.started for event in self.events if event.HasField("started"))


class Client:
    """`async with`; failures are `grpc.aio.AioRpcError`."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=_OPTIONS)
        self.rpc: Any = agent_pb2_grpc.AgentServiceStub(self._channel)  # type: ignore[no-untyped-call]

    async def __aenter__(self) -> Self:
        await asyncio.wait_for(self._channel.channel_ready(), _START_SECONDS)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()

    async def submit(self, code: str, **fields: Any) -> rpb.ExecuteResponse:
        fields.setdefault("idempotency_key", next(_keys))
        fields.setdefault("wait_ms", 0)
        answer: rpb.ExecuteResponse = await self.rpc.Execute(rpb.ExecuteRequest(code=code, **fields))
        return answer

    async def follow(self, execution: str, from_seq: int = 1, seconds: float = 60) -> Ran:
        events: list[pb.Event] = []
        seq = from_seq
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            request = rpb.ReadEventsRequest(
                execution_id=execution, from_seq=seq, wait_ms=5_000, max_bytes=4 * 1024 * 1024
            )
            answer: rpb.ReadEventsResponse = await self.rpc.ReadEvents(request)
            events += answer.events
            seq = answer.next_seq
            if answer.done:
                found = await self.rpc.GetExecution(rpb.GetExecutionRequest(execution_id=execution))
                return Ran(found.execution, events)
        raise TimeoutError(f"{execution} has not finished: {[e.WhichOneof('kind') for e in events]}")

    async def first_event(self, execution: str, kind: str) -> pb.Event:
        """Waits for the first event of that kind. Fails when the execution ends without it."""
        seq = 1
        async with asyncio.timeout(_WAIT_SECONDS):
            while True:
                request = rpb.ReadEventsRequest(execution_id=execution, from_seq=seq, wait_ms=5_000)
                answer: rpb.ReadEventsResponse = await self.rpc.ReadEvents(request)
                for event in answer.events:
                    if event.WhichOneof("kind") == kind:
                        return event
                assert not answer.done, f"{execution} ended without an event {kind}"
                seq = answer.next_seq

    async def run(self, code: str, **fields: Any) -> Ran:
        answer = await self.submit(code, **fields)
        return await self.follow(answer.execution.id)


def wait_for_file(name: str) -> str:
    """Python code that waits until the workspace has the file."""
    return f"import os, time\nwhile not os.path.exists({name!r}): time.sleep(0.01)\n"


async def until(condition: Callable[[], object]) -> None:
    """Returns once the condition is true; the deadline only ends a test that would hang."""
    async with asyncio.timeout(_WAIT_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


def _text(bundle: pb.MimeBundle) -> str:
    return next(part.data.decode() for part in bundle.parts if part.media_type == "text/plain")
