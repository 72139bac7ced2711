"""The supervisor's socket: JSON lines in, answers and events out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from grad_runner.kernel.protocol import (
    MAX_LINE_BYTES,
    Answer,
    Request,
    RequestError,
    RequestId,
    parse_request,
    render_answer,
)
from grad_runner.kernel.temporary_files import delete_tree

_MAX_CONNECTIONS: Final = 64
_MAX_AT_ONCE: Final = 128
_MAX_UNREAD_BYTES: Final = 4 * 1024 * 1024
"""Of events that a connection has not read; above it the connection is closed."""

_LOOK_SECONDS: Final = 5.0
"""Between two looks whether the socket is there."""

_log = logging.getLogger("grad.kernel")


class SocketReplaced(Exception):
    """User code has removed the component's socket, or put something else in its place."""


class Server:
    """Serves `handle` on a unix socket; one connection may have many requests under way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writers: set[asyncio.StreamWriter] = set()

    def publish(self, line: bytes) -> None:
        for writer in list(self._writers):
            if writer.transport.get_write_buffer_size() > _MAX_UNREAD_BYTES:
                writer.transport.abort()
            else:
                writer.write(line)

    async def run(self, handle: Callable[[Request], Awaitable[Answer]]) -> None:
        """Runs until cancelled, and raises SocketReplaced when user code has taken the socket away: nobody would reach us any
        more, and the component that is started next makes a new one. Requests that are under way when their connection closes
        are still carried out."""
        delete_tree(self._path)
        async with asyncio.TaskGroup() as tasks:

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                if len(self._writers) >= _MAX_CONNECTIONS:
                    writer.transport.abort()
                    return
                self._writers.add(writer)
                slots = asyncio.Semaphore(_MAX_AT_ONCE)
                try:
                    while line := await reader.readline():
                        await slots.acquire()
                        tasks.create_task(_respond(line, writer, handle)).add_done_callback(
                            lambda _: slots.release()
                        )
                except (OSError, ValueError) as error:  # ValueError: a line over the limit
                    _log.info("connection.ended error=%s", error)
                finally:
                    self._writers.discard(writer)
                    writer.close()

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                tasks.create_task(serve(reader, writer))

            server = await asyncio.start_unix_server(accept, self._path, limit=MAX_LINE_BYTES)
            own = _identity(self._path)
            try:
                while _identity(self._path) == own:
                    await asyncio.sleep(_LOOK_SECONDS)
                raise SocketReplaced(f"{self._path} is not the component's socket any more")
            finally:
                server.close()
                delete_tree(self._path)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def _respond(
    line: bytes, writer: asyncio.StreamWriter, handle: Callable[[Request], Awaitable[Answer]]
) -> None:
    request_id, request = parse_request(line)
    answer = request if isinstance(request, RequestError) else await _answer(request, request_id, handle)
    if not writer.is_closing():
        writer.write(render_answer(request_id, answer))


async def _answer(
    request: Request, request_id: RequestId, handle: Callable[[Request], Awaitable[Answer]]
) -> Answer | RequestError:
    try:
        return await handle(request)
    except RequestError as error:
        return error
    except Exception:  # noqa: BLE001  # a bug in one request must not end the component
        _log.exception("request.failed id=%s", request_id)
        return RequestError(
            "internal",
            "Cannot carry out the request: internal error of the kernel component",
            "See kernel.log.",
        )
