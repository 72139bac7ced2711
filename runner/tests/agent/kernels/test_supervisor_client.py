"""What a supervisor that is none can answer: user code can put a socket of its own in its place."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from grad_runner.agent.kernels.component import ExistingKernel, KernelEnd
from grad_runner.agent.kernels.supervisor_client import SupervisorClient
from grad_runner.common.errors import GradError
from grad_runner.gen.grad.v1 import execution_pb2 as pb
from grad_runner.gen.runner.v1 import agent_pb2 as rpb

Answers = dict[str, dict[str, Any]]
SURROGATE = "\ud800"


class Ends:
    def __init__(self) -> None:
        self.end: asyncio.Future[KernelEnd] = asyncio.get_running_loop().create_future()

    def kernel_ended(self, kernel: str, end: KernelEnd) -> None:
        self.end.set_result(end)

    def kernels_listed(self, kernels: Mapping[str, ExistingKernel]) -> None:
        pass


@asynccontextmanager
async def connected(
    folder: Path, answers: Answers, event: dict[str, Any] | None = None
) -> AsyncIterator[tuple[SupervisorClient, Ends]]:
    """A client of a supervisor that gives each answer by the request's op, and sends the event first."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            if event is not None:
                writer.write(json.dumps(event).encode() + b"\n")
            while line := await reader.readline():
                request = json.loads(line)
                answer = {"id": request["id"], "ok": True, **answers.get(request["op"], {})}
                writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    server = await asyncio.start_unix_server(serve, folder / "supervisor.sock")
    ends = Ends()
    client = SupervisorClient(folder / "supervisor.sock", ends)
    running = asyncio.ensure_future(client.run())
    try:
        yield client, ends
    finally:
        running.cancel()
        await asyncio.wait([running])
        server.close()


@pytest.mark.parametrize("value", [float("inf"), float("nan"), -5, 10**400, 2**70, 1.5, "1", None, [], True])
async def test_any_number_fits_into_a_message(tmp_path: Path, value: object) -> None:
    async with connected(tmp_path, {"stat": {"cpuMs": value, "peakRssBytes": value}}) as (client, _):
        stat = await client.stat("k1")
    usage = pb.Usage(cpu_ms=stat.cpu_ms, peak_memory_bytes=stat.peak_bytes)
    assert usage.cpu_ms >= 0


@pytest.mark.parametrize(("answer", "want"), [({"bytes": 7}, 7), ({"bytes": "x"}, 0), ({"ok": False}, 0)])
async def test_deleted_files_are_a_number(tmp_path: Path, answer: dict[str, Any], want: int) -> None:
    async with connected(tmp_path, {"deletedFiles": answer}) as (client, _):
        assert await client.deleted_bytes() == want


@pytest.mark.parametrize(
    "answer",
    [
        {"key": SURROGATE, "ports": {}},
        {"key": "k", "ports": {"shell": float("inf")}},
        {"key": "k", "ports": {"shell": None}},
        {"key": "k", "ports": {"shell": "one"}},
        {"key": 1, "ports": {}},
        {"key": "k"},
    ],
)
async def test_an_address_that_is_none_is_a_fault_of_the_component(
    tmp_path: Path, answer: dict[str, Any]
) -> None:
    async with connected(tmp_path, {"start": answer}) as (client, _):
        with pytest.raises(GradError) as raised:
            await client.start("k1", "python3")
    assert raised.value.code == "runner_unavailable"


async def test_any_text_fits_into_a_message(tmp_path: Path) -> None:
    error = {"ok": False, "error": {"code": "internal", "message": SURROGATE * 2_000, "hint": SURROGATE}}
    spec = {"name": SURROGATE, "displayName": SURROGATE * 2_000, "language": SURROGATE}
    event = {"event": "exited", "kernel": "k1", "exit": {"code": SURROGATE * 2_000}}
    answers: Answers = {"stat": error, "hello": {"specs": [spec]}}
    async with connected(tmp_path, answers, event) as (client, ends):
        with pytest.raises(GradError) as raised:
            await client.stat("k1")
        (known,) = (await client.known_specs()).values()
        end = await ends.end
    rpb.KernelSpec(name=known.name, display_name=known.display_name, language=known.language)
    pb.ExecutionError(message=raised.value.message, hint=raised.value.hint)
    pb.ExecutionError(message=end.detail)
    assert max(map(len, (known.display_name, raised.value.message, end.detail))) <= 1_000


async def test_the_signal_that_ended_a_kernel_is_text(tmp_path: Path) -> None:
    event = {"event": "exited", "kernel": "k1", "exit": {"signal": SURROGATE}}
    async with connected(tmp_path, {}, event) as (_, ends):
        pb.ExecutionError(message=(await ends.end).detail)
