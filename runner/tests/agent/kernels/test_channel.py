"""A channel to a kernel's socket, at whose other end is whatever user code has put there."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from grad_runner.agent.kernels import channel
from grad_runner.agent.kernels.channel import Channel, ChannelFull
from tests.agent.components import until
from tests.agent.kernels.test_zmtp import GREETING, READY, frame

pytestmark = pytest.mark.asyncio

BOUND = 1_000_000
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]


@asynccontextmanager
async def connected(folder: Path, serve: Serve, name: str = "z-1") -> AsyncIterator[Channel]:
    """A channel to a server that greets and then does `serve`."""

    async def greet_and_serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING + READY[:1] + bytes((len(READY) - 2,)) + READY[2:])
        await reader.readexactly(64)
        try:
            done = serve(reader, writer)
            if asyncio.iscoroutine(done):
                await done
            await reader.read()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_unix_server(greet_and_serve, folder / "z-1")
    fd = os.open(folder, os.O_RDONLY)
    made = Channel(fd, name, "DEALER", lambda: None, max_message_bytes=BOUND)
    os.close(fd)
    try:
        yield made
    finally:
        made.close()
        server.close()


async def test_messages_come_and_go(tmp_path: Path) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"DEALER\x08Identity\x00\x00\x00\x00")
        writer.write(await reader.readexactly(7))

    async with connected(tmp_path, echo) as made:
        made.send([b"hello"])
        await until(lambda: made._messages)
        message = made.receive()
        assert message is not None
        assert message.frames == (b"hello",)
        assert made.receive() is None


async def test_a_kernel_that_sends_without_end_has_to_wait(tmp_path: Path) -> None:
    sent = 0

    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while True:
            writer.write(frame(bytes(100_000)))
            await writer.drain()
            sent += 1

    async with connected(tmp_path, flood) as made:
        await until(lambda: not made._is_reading and made._messages)
        waiting = made._waiting_bytes
        assert waiting < 2 * BOUND
        before = sent
        await asyncio.sleep(0.05)
        assert made._waiting_bytes == waiting
        assert sent - before < 50
        for _ in range(100):  # what is taken frees the buffer
            await until(lambda: made._messages)
            assert made.receive() is not None


async def test_a_socket_that_is_bound_later_is_connected_then(tmp_path: Path) -> None:
    fd = os.open(tmp_path, os.O_RDONLY)
    made = Channel(fd, "z-1", "DEALER", lambda: None)
    os.close(fd)
    made.send([b"early"])
    got: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        got.append(await reader.readuntil(b"early"))
        writer.close()

    server = await asyncio.start_unix_server(take, tmp_path / "z-1")
    await until(lambda: got)
    await until(lambda: made.fault)
    assert made.fault == "closed"
    made.close()
    server.close()


@pytest.mark.parametrize("kind", ["link", "file", "fifo", "nothing"])
async def test_what_is_no_socket_of_the_folder_is_not_connected(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "_CONNECT_SECONDS", 0.05)
    outside = tmp_path / "outside"
    outside.mkdir()
    reached: list[object] = []
    server = await asyncio.start_unix_server(lambda *streams: reached.append(streams), outside / "grad.sock")
    folder = tmp_path / "kernel"
    folder.mkdir()
    if kind == "link":
        (folder / "z-1").symlink_to(outside / "grad.sock")
    elif kind == "file":
        (folder / "z-1").touch()
    elif kind == "fifo":
        os.mkfifo(folder / "z-1")
    fd = os.open(folder, os.O_RDONLY)
    made = Channel(fd, "z-1", "DEALER", lambda: None)
    os.close(fd)
    await until(lambda: made.fault)
    assert "cannot be reached" in made.fault
    assert not reached
    server.close()


async def test_a_peer_that_is_no_kernel_is_told_nothing(tmp_path: Path) -> None:
    got = b""

    async def answer_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal got
        got = await reader.readexactly(64)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        got += await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(answer_http, tmp_path / "z-1")
    fd = os.open(tmp_path, os.O_RDONLY)
    made = Channel(fd, "z-1", "DEALER", lambda: None)
    os.close(fd)
    made.send([b"the user's code"])
    await until(lambda: made.fault)
    assert "greet" in made.fault
    await until(lambda: len(got) >= 64)
    assert b"code" not in got
    server.close()


async def test_a_kernel_that_does_not_read_is_sent_no_more(tmp_path: Path) -> None:
    async def ignore(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.get_running_loop().create_future()

    async with connected(tmp_path, ignore) as made:
        with pytest.raises(ChannelFull):
            for _ in range(100):
                made.send([bytes(1_000_000)])
        assert made._connection.unsent_bytes + len(made._unsent) < channel._MAX_UNSENT_BYTES + 2_000_000
