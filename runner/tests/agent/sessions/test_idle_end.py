"""Kernels that nobody uses end, and the next execution says why."""

import asyncio

from grad_runner.gen.grad.v1 import session_pb2 as spb
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import Client, Components, wait_for_file

# Four threads that hold no lock of Python's: also on a busy machine they get a twentieth of a core.
SPIN = """
import hashlib, threading
stop = False
def spin():
    while not stop:
        hashlib.sha256(bytes(1_000_000))
for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()
"""


async def session(client: Client, name: str) -> spb.Session:
    answer = await client.rpc.GetSession(rpb.GetSessionRequest(name=name))
    found: spb.Session = answer.session
    return found


async def ended(client: Client, name: str) -> spb.Session:
    """The session once it has no kernel any more."""
    async with asyncio.timeout(60):
        while (found := await session(client, name)).state != spb.SESSION_STATE_EMPTY:
            await asyncio.sleep(0.05)
    return found


async def test_an_idle_kernel_ends_and_the_next_execution_reports_it(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent("--session-idle-seconds", "0.5")
    async with Client(own_components.address) as client:
        first = await client.run("kept = 1")
        assert (await ended(client, "default")).previous_end == "idle"
        after = await client.run("'kept' in globals()")
        assert after.result == "False"
        assert (after.started.fresh_kernel, after.started.previous_end) == (True, "idle")
        assert (first.started.generation, after.started.generation) == (1, 2)


async def test_a_kernel_that_runs_or_works_in_the_background_is_not_idle(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent("--session-idle-seconds", "1")
    async with Client(own_components.address) as client:
        await client.run("kept = 1", session="runs")
        running = await client.submit(wait_for_file("rests-ended"), session="runs")
        await client.run(SPIN, session="works")
        await client.run("kept = 1", session="rests")
        await ended(client, "rests")
        own_components.touch("rests-ended")
        assert (await client.follow(running.execution.id)).status == "succeeded"
        assert (await session(client, "runs")).generation == 1
        assert (await session(client, "works")).state == spb.SESSION_STATE_IDLE
        # Once it rests, it ends like any other.
        stopped = await client.run("stop = True", session="works")
        assert stopped.started.generation == 1
        assert (await ended(client, "works")).previous_end == "idle"


async def test_an_idle_kernel_of_an_earlier_agent_ends(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("kept = 1")
    own_components.kill_agent()
    own_components.start_agent("--session-idle-seconds", "0.2")
    async with Client(own_components.address) as client:
        assert (await ended(client, "default")).previous_end == "idle"


async def test_idle_kernels_stay_if_the_limit_is_0(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent("--session-idle-seconds", "0")
    async with Client(own_components.address) as client:
        await client.run("kept = 1")
        await client.run("import time\ntime.sleep(1)", session="other")
        assert (await client.run("kept")).started.generation == 1
