"""The control socket `init.sock`: each JSON line that comes in is answered by one JSON line."""

import asyncio
import contextlib
import json
import os
from typing import Any

from grad_runner.init.init import Init

DEFAULT_GRACE_MS = 3_000
MAX_LINE_BYTES = 64 * 1024


async def listen(init: Init) -> asyncio.Server:
    """Serves the init's socket, which only its own user can open; a stale socket is replaced."""
    path = init.plan.init_socket
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            ConnectionError, ValueError
        ):  # ConnectionError: the caller has gone; ValueError: a line over MAX_LINE_BYTES
            while line := await reader.readline():
                writer.write(json.dumps(await _carry_out(init, line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    before = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(answer, path, limit=MAX_LINE_BYTES)
    finally:
        os.umask(before)


async def _carry_out(init: Init, line: bytes) -> dict[str, object]:
    try:
        request: Any = json.loads(line)
    except ValueError:
        return _refusal("Cannot read the request: it is not a line of JSON")
    match request:
        case {"op": "status"}:
            return init.status()
        case {"op": "stop", **more}:
            grace_ms = more.get("graceMs", DEFAULT_GRACE_MS)
            if not isinstance(grace_ms, int) or isinstance(grace_ms, bool) or grace_ms < 0:
                return _refusal("Cannot stop: graceMs is not a whole number of milliseconds")
            await init.stop(grace_ms)
            return {"ok": True}
        case _:
            return _refusal("Cannot carry out the request: op is neither status nor stop")


def _refusal(message: str) -> dict[str, object]:
    return {"ok": False, "error": {"code": "invalid_argument", "message": message}}
