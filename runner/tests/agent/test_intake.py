"""What kernels send is bounded as a whole before the agent takes it in: hostile code ends its own kernel or loses its own output,
and the agent's memory stays small."""

import os
import resource
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import grpc.aio
import pytest

from grad_runner.agent.limits import MAX_MEMORY_BYTES
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import Client, Components

pytestmark = pytest.mark.asyncio

MAX_PEAK_MIB = 400
"""Of the agent, after all of it: some 80 of its own, and the copies of one message of the largest size."""

FLOOD = """
import os, socket, stat
def connections(port):
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                one = socket.socket(fileno=os.dup(fd))
                listens = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                if one.family == socket.AF_UNIX and one.getsockname().endswith(f"/z-{port}") and not listens:
                    yield one
        except OSError:
            pass
def flood(port, mib):
    part = bytes((3,)) + (1 << 20).to_bytes(8, "big") + bytes(1 << 20)
    for one in connections(port):
        one.setblocking(True)
        for _ in range(mib): one.sendall(part)
        one.sendall(bytes((0, 1, 0)))
"""
"""Writes one message of a thousand frames of 1 MiB on the connections of the agent: each frame is allowed, the message is not."""

WRITE_SPOOL = """
import os, struct, zlib
for fd in os.listdir("/proc/self/fd"):
    try: path = os.readlink("/proc/self/fd/" + fd)
    except OSError: continue
    if path.endswith("/spool"): break
fd = int(fd)
"""


@pytest.fixture(autouse=True)
def small_agent(components: Components) -> Iterator[None]:
    """The agent is the same one before and after each attack, and has never been large."""
    yield
    assert components.agent is not None
    assert components.agent.poll() is None, components.log("agent.log")
    status = Path(f"/proc/{components.agent.pid}/status").read_text()
    assert int(status.split("VmHWM:")[1].split()[0]) < MAX_PEAK_MIB * 1024


async def usable(client: Client, session: str) -> bool:
    return (await client.run("6 * 7", session=session)).result == "42"


async def test_a_reply_of_a_thousand_frames_ends_its_kernel_only(client: Client) -> None:
    ran = await client.run(FLOOD + "flood(1, 1000)\nimport time\ntime.sleep(1e6)", session="flood")
    assert (ran.status, ran.error.code) == ("crashed", "kernel_crashed")
    assert "a reply is larger than" in ran.error.message
    assert await usable(client, "flood")


async def test_a_record_that_says_that_it_is_huge_ends_its_kernel(client: Client) -> None:
    code = "os.write(fd, struct.pack('<II', 600 << 20, 0) + bytes(1000))\nimport time\ntime.sleep(1e6)"
    ran = await client.run(WRITE_SPOOL + code, session="huge")
    assert (ran.status, ran.error.code) == ("crashed", "kernel_crashed")
    assert "invalid length" in ran.error.message
    assert await usable(client, "huge")


async def test_a_record_that_is_never_complete_takes_no_memory_and_no_time(client: Client) -> None:
    code = "os.write(fd, struct.pack('<II', 16 << 20, 0) + bytes(15 << 20))\nprint('written')"
    ran = await client.run(WRITE_SPOOL + code, session="torn", deadline_ms=2_000)
    assert ran.status == "deadline_exceeded"  # what follows in the spool can never be read
    assert ran.stdout == b"written\n"
    assert await usable(client, "torn")


async def test_a_result_whose_values_would_take_a_gigabyte_is_a_gap(client: Client) -> None:
    code = "display({'application/json': [[]] * 4_000_000}, raw=True)\n'kept'"
    ran = await client.run(code, session="costly")
    assert (ran.status, ran.result) == ("succeeded", "'kept'")
    assert ran.gaps["results"].amount == 1
    assert ran.execution.truncated.results


async def test_a_result_of_sixteen_mebibytes_of_emoji_is_whole_in_a_file(
    client: Client, components: Components
) -> None:
    ran = await client.run("display({'text/markdown': '\\N{GRINNING FACE}' + 'x' * (15 << 20)}, raw=True)")
    part = next(event.display for event in ran.events if event.HasField("display")).parts[0]
    assert part.bytes == 4 + (15 << 20)
    assert (components.workspace / part.path).stat().st_size == part.bytes


async def test_a_result_over_the_bound_has_a_note_in_its_place(client: Client) -> None:
    ran = await client.run("'x' * (17 << 20)")
    assert ran.status == "succeeded"
    assert "bytes omitted" in ran.result


@pytest.mark.parametrize("text", ["'x' * (40 << 20)", "'\\n' * (12 << 20)", "'\\x1b[' * (6 << 20)"])
async def test_an_exception_of_any_length_is_an_exception(client: Client, text: str) -> None:
    ran = await client.run(f"raise ValueError({text})", session="long")
    assert (ran.status, ran.error.name) == ("failed", "ValueError")
    assert ran.error.ByteSize() < 256 * 1024
    assert (await client.run("1", session="long")).started.generation == ran.started.generation


async def test_thousands_of_results_in_a_row_leave_the_agent_its_turn(client: Client) -> None:
    code = "for _ in range(150): display({'text/plain': 'x' * 900_000}, raw=True)"
    ran = await client.run(code, session="many")
    assert ran.status == "succeeded"
    assert ran.kinds.count("display") == 150


async def test_a_hole_of_a_tebibyte_in_the_output_is_a_gap(client: Client) -> None:
    began = time.monotonic()
    ran = await client.run(
        "import os\nprint('before')\nos.ftruncate(1, 1 << 40)\nprint('behind')", session="hole"
    )
    assert ran.status == "succeeded"
    assert time.monotonic() - began < 60
    assert ran.stdout.startswith(b"before\n")
    assert ran.stdout.rstrip(b"\0").endswith(b"behind\n")
    assert len(ran.stdout) + ran.gaps["stdout"].amount == (1 << 40) + len("behind\n")


async def test_output_byte_by_byte_between_messages_is_few_events(client: Client) -> None:
    """Each record of the spool splits the output that is read; what nobody has seen is put together again."""
    code = WRITE_SPOOL + textwrap.dedent(
        """
        header, empty = b'{"msg_type": "comm_msg"}', b'{}'
        frames = (header, empty, empty, empty)
        base = os.fstat(1).st_size
        records = b""
        for n in range(20_000):
            head = struct.pack("<QQQQH", n, 0, base + n, 0, 4) + struct.pack("<4I", *map(len, frames))
            payload = head + b"".join(frames)
            records += struct.pack("<II", len(payload), zlib.crc32(payload)) + payload
        os.write(1, b"x" * 20_000)
        os.write(fd, records)
        """
    )
    ran = await client.run(code, session="bytes")
    assert ran.status == "succeeded"
    assert ran.stdout == b"x" * 20_000
    assert ran.kinds.count("stdout") < 200


async def test_a_list_of_executions_has_no_tracebacks(client: Client) -> None:
    await client.run("raise ValueError('y' * 10_000)", session="listed")
    answer = await client.rpc.ListExecutions(rpb.ListExecutionsRequest(session="listed"))
    error = answer.executions[0].error
    assert (error.name, len(error.traceback)) == ("ValueError", 0)
    assert len(error.message) <= 1_001


async def test_an_agent_without_memory_ends_one_execution_and_keeps_the_journals(
    own_components: Components,
) -> None:
    """RLIMIT_AS, the last line: whatever fails, what was journaled is there afterwards."""
    own_components.start_kernel_component()
    own_components.start_agent()
    agent = own_components.agent
    assert agent is not None
    async with Client(own_components.address) as client:
        before = await client.run("print('kept')\n6 * 7")
        size_bytes = int(Path(f"/proc/{agent.pid}/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
        limit = resource.prlimit(agent.pid, resource.RLIMIT_AS)[1]
        assert limit == MAX_MEMORY_BYTES
        resource.prlimit(agent.pid, resource.RLIMIT_AS, (size_bytes + (48 << 20), limit))
        large = "display({'text/markdown': '\\N{GRINNING FACE}' + 'x' * (15 << 20)}, raw=True)"
        submitted = await client.submit(large, session="large")
        try:
            ran = await client.follow(submitted.execution.id)
            assert (ran.status, ran.error.code) == ("lost", "execution_lost")
        except grpc.aio.AioRpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE
    if agent.poll() is None:
        own_components.kill_agent()
    own_components.start_agent()  # as the init does
    async with Client(own_components.address) as client:
        after = await client.follow(before.id)
        assert (after.status, after.stdout, after.result) == ("succeeded", b"kept\n", "42")
        assert await usable(client, "large")
