"""Whether an S3 endpoint answers at all. The mount cannot be asked: when the server is dead, a process that reads from it
hangs and cannot be interrupted."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from grad_runner.common.log import log

INTERVAL_SECONDS = 2.0
"""Between two probes of an endpoint that answers."""
AFTER_FAILURE_SECONDS = 0.3
"""Between two probes of one that does not."""
MAX_ANSWER_SECONDS = 4.0
FAILURES_TO_BE_DOWN = 3
"""Failed probes in a row after which an endpoint counts as down: one that refuses connections after about a second, one that
accepts and is silent after about 13."""


async def speaks_http(url: str) -> bool:
    """Whether a server there answers an unsigned request by HTTP, with any status."""
    there = urlsplit(url)
    secure = there.scheme == "https"
    host = there.hostname or ""
    try:
        async with asyncio.timeout(MAX_ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(
                host, there.port or (443 if secure else 80), ssl=_unverified() if secure else None
            )
            try:
                writer.write(f"HEAD / HTTP/1.1\r\nHost: {there.netloc}\r\nConnection: close\r\n\r\n".encode())
                return (await reader.read(5)).startswith(b"HTTP/")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


@dataclass(slots=True)
class Health:
    """Of one endpoint; it counts as up until probes have failed."""

    down: asyncio.Event = field(default_factory=asyncio.Event)
    users: int = 0
    """Datasets that are mounted from it."""


class Endpoints:
    """Probes each endpoint that mounted datasets use, once for all of them. `run` must be running as a task."""

    def __init__(self) -> None:
        self._watched: dict[str, Health] = {}
        self._new: asyncio.Queue[str] = asyncio.Queue()

    @contextmanager
    def watching(self, url: str) -> Iterator[Health]:
        if url not in self._watched:
            self._watched[url] = Health()
            self._new.put_nowait(url)
        health = self._watched[url]
        health.users += 1
        try:
            yield health
        finally:
            health.users -= 1

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self._watch(await self._new.get()))

    async def _watch(self, url: str) -> None:
        health = self._watched[url]
        failures = 0
        while health.users > 0:
            failures = 0 if await speaks_http(url) else failures + 1
            if failures == 0 and health.down.is_set():
                log("info", "endpoint.up", url=url)
                health.down.clear()
            elif failures == FAILURES_TO_BE_DOWN:
                log("warn", "endpoint.down", url=url)
                health.down.set()
            await asyncio.sleep(INTERVAL_SECONDS if failures == 0 else AFTER_FAILURE_SECONDS)
        del self._watched[url]


def _unverified() -> ssl.SSLContext:
    """Certificates are not verified: the probe sends nothing secret, and botocore and s3fs verify."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
