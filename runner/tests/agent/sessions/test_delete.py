"""Sessions that are deleted."""

import asyncio

import grpc
import pytest

from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import Client, Components

pytestmark = pytest.mark.asyncio


async def names(client: Client) -> list[str]:
    return [session.name for session in (await client.rpc.ListSessions(rpb.ListSessionsRequest())).sessions]


async def delete(client: Client, name: str, *, force: bool = False) -> None:
    await client.rpc.DeleteSession(rpb.DeleteSessionRequest(name=name, force=force))


async def test_a_deleted_session_is_gone_and_its_name_begins_anew(client: Client) -> None:
    ran = await client.run("kept = 1", session="gone")
    assert "gone" in await names(client)
    await delete(client, "gone")
    assert "gone" not in await names(client)
    assert (await client.follow(ran.id)).status == "succeeded"  # its executions stay
    again = await client.run("'kept' in globals()", session="gone")
    assert (again.result, again.started.generation, again.started.previous_end) == ("False", 1, "")


async def test_a_session_in_use_is_deleted_by_force_only(client: Client) -> None:
    running = await client.submit("import time\ntime.sleep(60)", session="used")
    waiting = await client.submit("print('never')", session="used")
    await client.rpc.ReadEvents(
        rpb.ReadEventsRequest(execution_id=running.execution.id, from_seq=2, wait_ms=20_000)
    )
    with pytest.raises(grpc.aio.AioRpcError, match="2 execution"):
        await delete(client, "used")
    assert "used" in await names(client)
    await delete(client, "used", force=True)
    assert "used" not in await names(client)
    assert (await client.follow(running.execution.id)).status == "interrupted"
    assert (await client.follow(waiting.execution.id)).status == "interrupted"


async def test_a_session_that_is_used_while_it_is_deleted_stays_empty(client: Client) -> None:
    await client.run("kept = 1", session="again")
    _, answer = await asyncio.gather(
        delete(client, "again"), client.submit("'kept' in globals()", session="again")
    )
    assert (await client.follow(answer.execution.id)).status in ("succeeded", "interrupted")
    assert (await client.run("'kept' in globals()", session="again")).result == "False"


async def test_a_deleted_session_does_not_return_with_the_next_agent(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("1", session="stays")
        await client.run("1", session="leaves")
        await delete(client, "leaves")
    own_components.kill_agent()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        assert await names(client) == ["stays"]
