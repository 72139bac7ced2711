"""Whether an endpoint lives, asked of real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from grad_runner.data.s3 import endpoint as subject
from grad_runner.data.s3.endpoint import FAILURES_TO_BE_DOWN, Endpoints, speaks_http

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[str]:
    served: list[asyncio.Task[object]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served.append(task)
        with suppress(ConnectionError):
            await handler(reader, writer)
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.gather(*served)


async def refuses_politely(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if await reader.read(100):
        writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def speaks_otherwise(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-x\r\n")


ANSWER_SECONDS = 5.0
SILENCE_SECONDS = 0.1


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    # Servers of these tests answer at once or never: only waiting for those that never answer is short.
    monkeypatch.setattr(subject, "MAX_ANSWER_SECONDS", ANSWER_SECONDS)
    monkeypatch.setattr(subject, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(subject, "AFTER_FAILURE_SECONDS", 0.01)


@pytest.mark.parametrize(
    ("handler", "lives"), [(refuses_politely, True), (says_nothing, False), (speaks_otherwise, False)]
)
async def test_speaks_http_is_true_for_any_http_answer(
    handler: Handler, lives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if handler is says_nothing:
        monkeypatch.setattr(subject, "MAX_ANSWER_SECONDS", SILENCE_SECONDS)
    async with listening(handler) as url:
        assert await speaks_http(url) is lives


async def test_speaks_http_is_false_without_a_listener_or_without_tls() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert not await speaks_http(f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert not await speaks_http("http://no-such-host.invalid")
    async with listening(refuses_politely) as url:
        assert not await speaks_http(url.replace("http:", "https:"))


async def test_endpoint_is_down_after_some_failures_and_up_after_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = 0
    silent = False

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await (says_nothing if silent else refuses_politely)(reader, writer)

    endpoints = Endpoints()
    async with listening(handler) as url, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(endpoints.run())
        with endpoints.watching(url) as health, endpoints.watching(url) as same:
            assert same is health and not health.down.is_set()
            await until(lambda: calls > 1)
            monkeypatch.setattr(subject, "MAX_ANSWER_SECONDS", SILENCE_SECONDS)
            silent, calls = True, 0
            async with asyncio.timeout(60):
                await health.down.wait()
            assert calls >= FAILURES_TO_BE_DOWN
            monkeypatch.setattr(subject, "MAX_ANSWER_SECONDS", ANSWER_SECONDS)
            silent = False
            await until(lambda: not health.down.is_set())
        await until(lambda: not endpoints._watched)  # nobody uses it: nobody is asked
        calls = 0
        with endpoints.watching(url):
            await until(lambda: calls > 0)
        running.cancel()
