"""An agent that is killed in the middle of an execution: no event is lost, none is duplicated."""

import os
from pathlib import Path

import pytest

from grad_runner.agent.storage.journal_format import decode
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import Client, Components, until, wait_for_file
from tests.agent.sessions.test_idle_end import ended

pytestmark = pytest.mark.asyncio

# Code says that the kernel has it, then waits until the test has ended the agent.
UNTIL_AGENT_ENDED = "open('running', 'w').close()\n" + wait_for_file("agent-ended")


def is_in_a_spool(components: Components, text: bytes) -> bool:
    return any(text in spool.read_bytes() for spool in components.kernels.glob("*/spool"))


async def test_a_killed_agent_loses_and_duplicates_nothing(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("kept = 'kept'")
        # The agent ends in the middle of the first 100 lines' way or behind them; the others are written without it.
        lines = "    print('line', n)\n    if n % 50 == 0: display(n)\n"
        answer = await client.submit(
            f"import time\nfor n in range(100):\n{lines}    time.sleep(0.01)\n"
            f"{wait_for_file('agent-ended')}for n in range(100, 200):\n{lines}"
            f"open('went-on', 'w').close()\n{wait_for_file('agent-again')}for n in range(200, 300):\n{lines}'end'"
        )
        queued = await client.submit("kept")
        await client.first_event(answer.execution.id, "display")
    own_components.kill_agent()
    own_components.touch("agent-ended")
    await until((own_components.workspace / "went-on").exists)
    own_components.start_agent()
    own_components.touch("agent-again")
    async with Client(own_components.address) as client:
        ran = await client.follow(answer.execution.id)
        after = await client.follow(queued.execution.id)
    assert ran.stdout == b"".join(b"line %d\n" % n for n in range(300))
    shown = [event.display.parts[0].data for event in ran.events if event.HasField("display")]
    assert shown == [b"0", b"50", b"100", b"150", b"200", b"250"]
    assert (ran.result, ran.status) == ("'end'", "succeeded")
    assert [event.seq for event in ran.events] == list(range(1, len(ran.events) + 1))
    assert (after.result, after.started.generation) == ("'kept'", 1)


async def test_an_execution_that_ends_while_no_agent_runs_has_all_its_events(
    own_components: Components,
) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("1")
        answer = await client.submit(UNTIL_AGENT_ENDED + "print('late')\n1 / 0")
        await until((own_components.workspace / "running").exists)
    own_components.kill_agent()
    own_components.touch("agent-ended")
    await until(lambda: is_in_a_spool(own_components, b"ZeroDivisionError"))
    own_components.start_agent()
    async with Client(own_components.address) as client:
        ran = await client.follow(answer.execution.id)
        assert (await client.run("2")).started.generation == 1
    assert (ran.stdout, ran.status, ran.error.name) == (b"late\n", "failed", "ZeroDivisionError")


async def test_a_kernel_that_crashes_while_no_agent_runs_is_reported(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        pid = (await client.run("import os; os.getpid()")).result
        answer = await client.submit(UNTIL_AGENT_ENDED + "print('last', flush=True)\nos._exit(1)")
        await until((own_components.workspace / "running").exists)
    own_components.kill_agent()
    own_components.touch("agent-ended")
    await until(lambda: not Path(f"/proc/{pid}").exists())
    own_components.start_agent()
    async with Client(own_components.address) as client:
        ran = await client.follow(answer.execution.id)
        assert (ran.stdout, ran.status) == (b"last\n", "crashed")
        assert (await client.run("2")).started.previous_end == "crashed"


async def test_an_execution_on_a_kernel_that_was_not_forked_is_lost_with_the_agent(
    own_components: Components,
) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("true", kernel="bash")
        answer = await client.submit("touch running; sleep 60")
        await until((own_components.workspace / "running").exists)
    own_components.kill_agent()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        ran = await client.follow(answer.execution.id)
        assert (ran.status, ran.error.code) == ("lost", "execution_lost")
        assert (await client.run("echo again")).stdout.strip() == b"again"


async def test_kernels_go_on_when_the_agent_is_stopped(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("kept = 7")
        answer = await client.submit(UNTIL_AGENT_ENDED + "print('done')")
        await until((own_components.workspace / "running").exists)
    assert own_components.agent is not None
    own_components.agent.terminate()
    assert own_components.agent.wait(60) == 0
    own_components.touch("agent-ended")
    own_components.start_agent()
    async with Client(own_components.address) as client:
        assert (await client.follow(answer.execution.id)).stdout == b"done\n"
        assert (await client.run("kept")).result == "7"
        session = (await client.rpc.GetSession(rpb.GetSessionRequest(name="default"))).session
        assert (session.executions, session.generation) == (3, 1)


async def test_executions_are_lost_with_the_kernel_component(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("1")
        answer = await client.submit("import time\nprint('before')\ntime.sleep(60)")
        await client.first_event(answer.execution.id, "stdout")
        assert own_components.kernel_component is not None
        own_components.kernel_component.terminate()
        own_components.kernel_component.wait(60)
        own_components.start_kernel_component()
        ran = await client.follow(answer.execution.id)
        assert (ran.stdout, ran.status in ("lost", "crashed")) == (b"before\n", True)
        after = await client.run("1")
        assert after.status == "succeeded"
        assert after.started.generation == 2


async def test_running_out_of_memory_ends_only_the_kernel(own_components: Components) -> None:
    own_components.start_kernel_component("--memory-bytes", str(1024 * 1024 * 1024))
    own_components.start_agent()
    async with Client(own_components.address) as client:
        ran = await client.run("blocks = []\nwhile True: blocks.append(bytearray(b'x' * 20_000_000))")
        assert (ran.status, ran.error.code) == ("out_of_memory", "out_of_memory")
        after = await client.run("1 + 1")
        assert (after.result, after.started.generation) == ("2", 2)
        assert after.started.previous_end == "out_of_memory"


async def test_an_idle_session_is_ended_for_one_that_needs_its_memory(own_components: Components) -> None:
    own_components.start_kernel_component("--memory-bytes", str(1024 * 1024 * 1024))
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("x = b'x' * 500_000_000", session="idle")
        # Idle begins after some seconds; slowly, because what grows faster than idle sessions can give is ended itself.
        ran = await client.run(
            "import time\ntime.sleep(5.5)\nblocks = []\n"
            "for _ in range(25):\n    blocks.append(b'x' * 20_000_000)\n    time.sleep(0.1)\n"
            "len(blocks)",
            session="needy",
        )
        assert (ran.status, ran.result) == ("succeeded", "25")
        # On a busy machine the other one may have finished before the watchdog ends this one.
        await ended(client, "idle")
        after = await client.run("1 + 1", session="idle")
        assert (after.result, after.started.generation) == ("2", 2)
        assert after.started.previous_end == "evicted"


async def test_finished_executions_are_there_after_a_restart(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent("--keep-executions", "3")
    async with Client(own_components.address) as client:
        ran = [await client.run(f"print({n})") for n in range(5)]
    own_components.kill_agent()
    own_components.start_agent("--keep-executions", "3")
    async with Client(own_components.address) as client:
        listed = await client.rpc.ListExecutions(rpb.ListExecutionsRequest())
        assert [one.id for one in listed.executions] == [one.id for one in reversed(ran[2:])]
        again = await client.follow(ran[4].id)
        assert [event.seq for event in again.events] == [event.seq for event in ran[4].events]
        assert again.stdout == b"4\n"
        assert again.execution == ran[4].execution


async def test_the_copy_of_long_output_is_deleted_with_its_execution(own_components: Components) -> None:
    own_components.start_kernel_component()
    own_components.start_agent("--keep-executions", "1")
    outputs = own_components.workspace / "outputs"
    async with Client(own_components.address) as client:
        long = await client.run("print('x' * 300_000)\nopen('outputs/mine.txt', 'w').close()")
        assert (outputs / long.id / "stdout.txt").exists()
        await client.run("1")
    await until(lambda: not (outputs / long.id / "stdout.txt").exists())
    assert (outputs / "mine.txt").exists()


async def test_an_execution_whose_end_was_not_stored_is_lost_when_the_kernel_went_on(
    own_components: Components,
) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("1")
        unstored = await client.run("print('first')\nkept = 7")
        last = await client.run("print('second')")
    own_components.kill_agent()
    drop_last_event(own_components.state / "executions" / unstored.id / "journal")
    own_components.start_agent()
    async with Client(own_components.address) as client:
        ran = await client.follow(unstored.id)
        assert (ran.stdout, ran.status, ran.error.code) == (b"first\n", "lost", "execution_lost")
        assert (await client.follow(last.id)).stdout == b"second\n"
        after = await client.run("print(kept)")
        assert (after.stdout, after.started.generation) == (b"7\n", 1)


async def test_an_execution_whose_end_was_not_stored_is_read_again_from_its_kernel(
    own_components: Components,
) -> None:
    own_components.start_kernel_component()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        await client.run("1")
        unstored = await client.run("print('first')\nkept = 7\nkept")
    own_components.kill_agent()
    drop_last_event(own_components.state / "executions" / unstored.id / "journal")
    own_components.start_agent()
    async with Client(own_components.address) as client:
        ran = await client.follow(unstored.id)
        assert (ran.stdout, ran.result, ran.status) == (b"first\n", "7", "succeeded")
        assert ran.kinds == unstored.kinds
        assert (await client.run("print(kept)")).stdout == b"7\n"


def drop_last_event(journal: Path) -> None:
    """What is left when the disk did not take the end of an execution."""
    data = journal.read_bytes()
    ends = [0, *(behind for _, behind in decode(data))]
    assert ends[-1] == len(data)
    os.truncate(journal, ends[-2])
