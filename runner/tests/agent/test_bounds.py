"""The bound of a session's queue: what is allowed is served, one more is not."""

import asyncio

import grpc.aio
import pytest

from grad_runner.agent.limits import MAX_QUEUED
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import Client
from tests.support_errors import code_of


@pytest.mark.asyncio
async def test_a_session_queues_so_many_and_no_more(client: Client) -> None:
    assert MAX_QUEUED == 1_000
    running = await client.submit("import time; time.sleep(1000)")
    await client.rpc.ReadEvents(
        rpb.ReadEventsRequest(
            execution_id=running.execution.id, from_seq=2, wait_ms=30_000, max_bytes=1 << 20
        )
    )
    for begin in range(0, MAX_QUEUED, 50):
        await asyncio.gather(*(client.submit(f"{number}") for number in range(begin, begin + 50)))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.submit("'one too many'")
    assert code_of(refused.value) == "queue_full"
    # Another session has a queue of its own, and a key that is known is no new execution.
    await client.submit("1", session="other")
    request = rpb.ListExecutionsRequest(limit=10)
    listed = (await client.rpc.ListExecutions(request)).executions
    assert len(listed) == 10
