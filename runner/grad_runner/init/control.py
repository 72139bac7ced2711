"""init.sock: one JSON line in, one out."""

import asyncio
import contextlib
import json
import os
from typing import Any

from grad_runner.init.init import Init

DEFAULT_GRACE_MS = 3_000
MAX_LINE_BYTES = 64 * 1024


async def listen(init: Init) -> asyncio.Server:
    """Serves the init's socket, for its own user only, in place of a stale one."""
    path = init.plan.init_socket
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            ConnectionError, ValueError
        ):  # a caller that went away, or a line beyond the bound
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
        return refused("Cannot understand the request: not a line of JSON")
    match request:
        case {"op": "status"}:
            return init.status()
        case {"op": "stop", **more}:
            grace_ms = more.get("graceMs", DEFAULT_GRACE_MS)
            if not isinstance(grace_ms, int) or isinstance(grace_ms, bool) or grace_ms < 0:
                return refused("Cannot stop: graceMs is not a number of milliseconds")
            await init.stop(grace_ms)
            return {"ok": True}
        case _:
            return refused("Cannot understand the request: op is neither status nor stop")


def refused(message: str) -> dict[str, object]:
    return {"ok": False, "error": {"code": "invalid_argument", "message": message}}
