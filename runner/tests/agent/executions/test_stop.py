"""Deadlines, interrupts, kernels that end, and the bounds of output."""

import hashlib
from pathlib import Path

import pytest

from grad_runner.gen.grad.v1 import execution_pb2 as pb
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import Client, Components, wait_for_file

pytestmark = pytest.mark.asyncio


async def test_a_deadline_stops_an_endless_loop(client: Client) -> None:
    await client.run("kept = 1")
    ran = await client.run("while True: pass", deadline_ms=500)
    assert ran.status == "deadline_exceeded"
    assert ran.error.code == "deadline_exceeded"
    assert ran.events[-1].finished.duration_ms >= 500
    assert (await client.run("kept")).result == "1"


async def test_a_deadline_holds_for_code_that_catches_the_interrupt(client: Client) -> None:
    ran = await client.run(
        "import time\n"
        "while True:\n"
        "    try:\n"
        "        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        pass",
        session="stubborn",
        deadline_ms=200,
    )
    assert ran.status == "deadline_exceeded"
    after = await client.run("1", session="stubborn")
    assert after.started.fresh_kernel
    assert after.started.previous_end == "deadline_exceeded"
    assert "it did not react within 3 s. All variables of session stubborn are gone" in ran.error.message


async def test_interrupt_stops_what_runs_and_what_waits(client: Client) -> None:
    running = await client.submit("import time\ntime.sleep(60)", session="stop")
    waiting = await client.submit("print('never')", session="stop")
    await client.rpc.ReadEvents(
        rpb.ReadEventsRequest(execution_id=running.execution.id, from_seq=2, wait_ms=20_000)
    )
    await client.rpc.InterruptExecution(rpb.InterruptExecutionRequest(execution_id=waiting.execution.id))
    await client.rpc.InterruptExecution(rpb.InterruptExecutionRequest(execution_id=running.execution.id))
    ran = await client.follow(running.execution.id)
    assert (ran.status, ran.error.code) == ("interrupted", "interrupted")
    never = await client.follow(waiting.execution.id)
    assert (never.status, never.stdout, never.error.code) == ("interrupted", b"", "interrupted")
    assert (await client.run("1", session="stop")).status == "succeeded"
    again = await client.rpc.InterruptExecution(rpb.InterruptExecutionRequest(execution_id=ran.id))
    assert again.execution.status == ran.execution.status


DEAF = """
import pathlib, signal, time
before = signal.signal(signal.SIGINT, lambda *_: print("ignored", flush=True))
print("deaf", flush=True)
while not pathlib.Path("outputs/enough").exists():
    time.sleep(0.05)
signal.signal(signal.SIGINT, before)
"""


async def test_an_interrupt_never_kills_and_force_does(client: Client, components: Components) -> None:
    await client.run("kept = 1", session="deaf")
    running = (await client.submit(DEAF, session="deaf")).execution.id
    # The third event is the first output.
    await client.rpc.ReadEvents(rpb.ReadEventsRequest(execution_id=running, from_seq=3, wait_ms=20_000))
    # Longer than the grace after a deadline.
    request = rpb.InterruptExecutionRequest(execution_id=running, wait_ms=4_000)
    answer = await client.rpc.InterruptExecution(request)
    assert answer.execution.status == pb.EXECUTION_STATUS_RUNNING
    components.touch("outputs/enough")
    ran = await client.follow(running)
    assert ran.status == "interrupted"
    assert b"ignored" in ran.stdout
    assert (await client.run("kept", session="deaf")).result == "1"

    (components.workspace / "outputs/enough").unlink()
    running = (await client.submit(DEAF, session="deaf")).execution.id
    # The third event is the first output.
    await client.rpc.ReadEvents(rpb.ReadEventsRequest(execution_id=running, from_seq=3, wait_ms=20_000))
    request = rpb.InterruptExecutionRequest(execution_id=running, force=True, wait_ms=20_000)
    answer = await client.rpc.InterruptExecution(request)
    assert answer.execution.status == pb.EXECUTION_STATUS_INTERRUPTED
    assert answer.execution.error.message == "Stopped by force. All variables of session deaf are gone"
    after = await client.run("1", session="deaf")
    assert after.started.fresh_kernel
    assert after.started.previous_end == "interrupted"


async def test_interrupt_ends_a_query_of_duckdb(client: Client) -> None:
    answer = await client.submit(
        "import duckdb\ncon = duckdb.connect()\nprint('connected', flush=True)\n"
        "con.sql('select sum(a.i * b.i) from range(3000000) a(i), range(3000000) b(i)').fetchall()",
        session="duck",
    )
    await client.rpc.ReadEvents(
        rpb.ReadEventsRequest(execution_id=answer.execution.id, from_seq=3, wait_ms=20_000)
    )
    await client.rpc.InterruptExecution(rpb.InterruptExecutionRequest(execution_id=answer.execution.id))
    ran = await client.follow(answer.execution.id)
    assert ran.status == "interrupted"
    assert (await client.run("con is not None", session="duck")).result == "True"


async def test_a_kernel_that_kills_itself_crashes_only_its_execution(client: Client) -> None:
    first = await client.run("lost = 1", session="dies")
    ran = await client.run("import os\nprint('last output')\nos.kill(os.getpid(), 9)", session="dies")
    assert (ran.status, ran.error.code) == ("crashed", "kernel_crashed")
    assert ran.stdout == b"last output\n"
    after = await client.run("'lost' in globals()", session="dies")
    assert after.result == "False"
    assert (first.started.generation, after.started.generation) == (1, 2)
    assert after.started.fresh_kernel
    assert after.started.previous_end == "crashed"
    session = (await client.rpc.GetSession(rpb.GetSessionRequest(name="dies"))).session
    assert (session.generation, session.previous_end, session.executions) == (2, "crashed", 3)


async def test_executions_queued_behind_a_crash_still_run(client: Client, components: Components) -> None:
    crashing = await client.submit(wait_for_file("queued-behind") + "os._exit(3)", session="behind")
    behind = await client.submit("print('here')", session="behind")
    components.touch("queued-behind")
    assert (await client.follow(crashing.execution.id)).status == "crashed"
    assert (await client.follow(behind.execution.id)).stdout == b"here\n"


async def test_reset_interrupts_cancels_and_starts_a_fresh_kernel(client: Client) -> None:
    running = await client.submit("import time\ntime.sleep(60)", session="again")
    waiting = await client.submit("1", session="again")
    await client.rpc.ReadEvents(
        rpb.ReadEventsRequest(execution_id=running.execution.id, from_seq=2, wait_ms=20_000)
    )
    answer = await client.rpc.ResetSession(rpb.ResetSessionRequest(name="again"))
    assert (answer.session.previous_end, answer.session.generation) == ("reset", 1)
    assert (await client.follow(running.execution.id)).status == "interrupted"
    assert (await client.follow(waiting.execution.id)).status == "interrupted"
    after = await client.run("1", session="again")
    assert (after.started.generation, after.started.previous_end) == (2, "reset")


async def test_reset_changes_the_kernel(client: Client) -> None:
    await client.run("1", session="changed")
    await client.rpc.ResetSession(rpb.ResetSessionRequest(name="changed", kernel="bash"))
    assert (await client.run("echo $((6 * 7))", session="changed")).stdout.strip() == b"42"


async def test_output_over_the_limit_is_complete_in_a_file(client: Client, components: Components) -> None:
    line = "x" * 99
    lines = 3_000_000  # 300 MB, over the 8 MiB that these components keep
    code = f"import sys\nfor n in range({lines // 10000}):\n    print(('{line}\\n' * 10000), end='')\nprint('e', file=sys.stderr)"
    ran = await client.run(code)
    gap = ran.gaps["stdout"]
    assert len(ran.stdout) == 8 * 1024 * 1024
    assert len(ran.stdout) + gap.amount == lines * 100
    assert ran.execution.truncated.stdout
    assert gap.path == f"outputs/{ran.id}/stdout.txt"
    digest = hashlib.sha256()
    for _ in range(lines // 10000):
        digest.update((line + "\n").encode() * 10000)
    with (components.workspace / gap.path).open("rb") as whole:
        assert hashlib.file_digest(whole, "sha256").hexdigest() == digest.hexdigest()
    assert (await client.run("print('small')")).stdout == b"small\n"
    assert components.agent is not None
    status = Path(f"/proc/{components.agent.pid}/status").read_text()
    peak_kib = int(status.split("VmHWM:")[1].split()[0])
    assert peak_kib < 250_000


async def test_long_output_is_in_its_events_and_whole_in_a_file(
    client: Client, components: Components
) -> None:
    ran = await client.run("import sys\nprint('x' * 300_000)\nprint('short', file=sys.stderr)")
    assert ran.stdout == b"x" * 300_000 + b"\n"
    assert (ran.gaps, ran.execution.truncated.stdout) == ({}, False)
    folder = components.workspace / "outputs" / ran.id
    assert [path.name for path in folder.iterdir()] == ["stdout.txt"]
    assert (folder / "stdout.txt").read_bytes() == ran.stdout
    assert ran.artifacts == {}, "the code has not written it"
    short = await client.run("print('x' * 200_000)")
    assert not (components.workspace / "outputs" / short.id).exists()


async def test_a_kernel_with_a_damaged_spool_is_replaced(client: Client) -> None:
    ran = await client.run(
        "import os, time\n"
        "for fd in os.listdir('/proc/self/fd'):\n"
        "    try:\n"
        "        path = os.readlink('/proc/self/fd/' + fd)\n"
        "    except OSError:\n"
        "        continue\n"
        "    if path.endswith('/spool'):\n"
        "        os.write(int(fd), b'nonsense' * 100)\n"
        "time.sleep(1e6)",
        session="nonsense",
    )
    assert (ran.status, ran.error.code) == ("crashed", "kernel_crashed")
    assert (await client.run("1", session="nonsense")).result == "1"


@pytest.mark.parametrize(
    "code",
    [
        "import os\nfor fd in os.listdir('/proc/self/fd'):\n"
        "    if os.path.realpath('/proc/self/fd/' + fd).endswith('/spool'): os.close(int(fd))",
        "import os\nos.closerange(3, 256)",
    ],
    ids=["spool", "everything"],
)
async def test_a_kernel_that_closes_its_own_files_ends_at_once(client: Client, code: str) -> None:
    ran = await client.run(code, session="closes", deadline_ms=50_000)
    assert (ran.status, ran.error.code) == ("crashed", "kernel_crashed")
    assert (await client.run("1", session="closes")).result == "1"


async def test_closed_output_does_not_hold_a_cell_up(client: Client) -> None:
    ran = await client.run("import os\nos.closerange(0, 3)\nprint('here')\n6 * 7", deadline_ms=50_000)
    assert (ran.status, ran.stdout, ran.result) == ("succeeded", b"here\n", "42")
    assert (await client.run("os.system('echo later');")).stdout == b"later\n"
