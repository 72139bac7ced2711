"""Code that calls exit()."""

import pytest

from tests.agent.components import Client

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("call", ["exit()", "quit()", "print('last')\nexit(3)"])
async def test_exit_ends_the_kernel_and_is_no_crash(client: Client, call: str) -> None:
    session = f"exit-{abs(hash(call))}"
    await client.run("kept = 1", session=session)
    exited = await client.submit(call, session=session)
    waiting = await client.submit(
        "1 + 1", session=session
    )  # at once: it must not come to the kernel that ends
    assert (await client.follow(exited.execution.id)).status == "succeeded"
    after = await client.follow(waiting.execution.id)
    assert (after.status, after.result) == ("succeeded", "2")
    assert (after.started.fresh_kernel, after.started.previous_end) == (True, "exited")
