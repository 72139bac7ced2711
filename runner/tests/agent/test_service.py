"""Health, readiness and the socket."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import RUNNER_ID, Client, Components

pytestmark = pytest.mark.asyncio


async def test_health_is_serving_once_the_agent_has_recovered(components: Components, client: Client) -> None:
    await client.rpc.GetInfo(rpb.GetInfoRequest())
    async with grpc.aio.insecure_channel(components.address) as channel:
        stub: Any = HealthStub(channel)
        for name in ("", "runner.v1.AgentService"):
            assert (await stub.Check(HealthCheckRequest(service=name))).status == HealthCheckResponse.SERVING
        with pytest.raises(grpc.aio.AioRpcError) as unknown:
            await stub.Check(HealthCheckRequest(service="none"))
        assert unknown.value.code() == grpc.StatusCode.NOT_FOUND


async def test_health_is_not_serving_before_recovery_and_while_the_agent_stops(
    own_components: Components,
) -> None:
    own_components.start_agent()
    async with Client(own_components.address), grpc.aio.insecure_channel(own_components.address) as channel:
        stub: Any = HealthStub(channel)
        watch = stub.Watch(HealthCheckRequest(service="runner.v1.AgentService"))
        assert (await watch.read()).status == HealthCheckResponse.NOT_SERVING
        own_components.start_kernel_component()
        assert (await watch.read()).status == HealthCheckResponse.SERVING
        assert own_components.agent is not None
        own_components.agent.terminate()
        assert (await watch.read()).status == HealthCheckResponse.NOT_SERVING
        assert await asyncio.to_thread(own_components.agent.wait, 20) == 0


async def test_get_info_lists_kernelspecs_once_ready(client: Client) -> None:
    info = await client.rpc.GetInfo(rpb.GetInfoRequest(wait_ms=30_000))
    assert info.ready
    assert (info.runner_id, info.api) == (RUNNER_ID, 1)
    assert {"python3", "bash"} <= {kernel.name for kernel in info.kernels}
    await client.run("1")
    info = await client.rpc.GetInfo(rpb.GetInfoRequest())
    assert (info.active_executions, info.last_activity) == (0, "execution")


async def test_held_code_is_refused_until_no_holder_is_left(client: Client) -> None:
    before = await client.submit("1", idempotency_key="key-before-hold-0")

    async def hold(holder: str, hold_ms: int) -> None:
        await client.rpc.HoldCode(rpb.HoldCodeRequest(holder=holder, hold_ms=hold_ms))

    await hold("one", 60_000)
    await hold("other", 60_000)
    for ended in ("", "other"):
        if ended:
            await hold(ended, 0)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.submit("2", idempotency_key="key-while-held-00")
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
        assert "about to be paused" in (refused.value.details() or "")
    # What was accepted before is answered, and goes on.
    again = await client.submit("1", idempotency_key="key-before-hold-0")
    assert again.execution.id == before.execution.id
    await hold("one", 0)
    assert (await client.run("2", idempotency_key="key-while-held-00")).result == "2"


async def test_only_its_owner_can_open_the_socket(components: Components, client: Client) -> None:
    await client.rpc.GetInfo(rpb.GetInfoRequest())
    assert Path(components.address.removeprefix("unix:")).stat().st_mode & 0o077 == 0


async def test_a_second_agent_on_the_socket_is_refused(components: Components, client: Client) -> None:
    await client.rpc.GetInfo(rpb.GetInfoRequest())
    command = [
        sys.executable,
        "-m",
        "grad_runner.agent",
        "--listen",
        components.address,
        "--runner-id",
        RUNNER_ID,
    ]
    command += [
        "--workspace",
        str(components.workspace),
        "--state",
        str(components.folder / "s2"),
        "--kernel-dir",
        str(components.kernels),
    ]
    ended = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, timeout=30, check=False
    )
    assert ended.returncode != 0
    assert b"another process serves it" in ended.stderr


async def test_a_new_session_is_not_logged_as_one_that_could_not_be_recovered(
    components: Components, client: Client
) -> None:
    assert (await client.run("1", session="brand-new")).status == "succeeded"
    assert "session.not_recovered" not in components.log("agent.log")
