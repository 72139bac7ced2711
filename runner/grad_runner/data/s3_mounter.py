"""S3 as a mount: asked first, mounted by s3fs, watched by its process and by its endpoint."""

import asyncio
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.data.endpoint import AFTER_FAILURE_SECONDS, Endpoints, answers
from grad_runner.data.preflight import preflight
from grad_runner.data.s3_errors import unreachable
from grad_runner.data.s3fs import S3fs, not_installed, s3fs_version, start_s3fs, wait_ready
from grad_runner.data.s3fs_args import Settings
from grad_runner.data.source import S3Source, Wanted

RECOVERY_SECONDS = 30.0
"""After which trying again makes sense even if the probe has no answer."""


class S3Mounter:
    """`settings.version` is asked at the first mount, so that s3fs may be installed while the room runs."""

    def __init__(self, settings: Settings, endpoints: Endpoints, executor: Executor) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._executor = executor
        self._asked = False

    async def mount(self, wanted: Wanted, aside: Path) -> "S3Mount":
        source = cast(S3Source, wanted.source)
        found = await asyncio.get_running_loop().run_in_executor(self._executor, preflight, wanted)
        settings = await self._known_settings(wanted.name)
        s3fs = await start_s3fs(wanted, source, aside, settings)
        try:
            await wait_ready(s3fs, wanted, aside, found.key)
            probe = await answers(source.url)
        except BaseException:
            await asyncio.shield(s3fs.kill())
            raise
        log("info", "s3fs.ready", dataset=wanted.name, pid=s3fs.pid, probed=probe)
        return S3Mount(wanted, s3fs, self._endpoints if probe else None)

    async def recovered(self, wanted: Wanted) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(RECOVERY_SECONDS):
                while not await answers(cast(S3Source, wanted.source).url):
                    await asyncio.sleep(AFTER_FAILURE_SECONDS)

    async def _known_settings(self, name: str) -> Settings:
        if not self._asked:
            version = await s3fs_version()
            if version is None:
                raise not_installed(name)
            self._settings = replace(self._settings, version=version)
            self._asked = True
        return self._settings


class S3Mount:
    """Without `endpoints` only s3fs is watched: S3 has just listed, and yet the probe had no answer (a proxy,
    a gateway that is particular), so no answer would mean nothing."""

    def __init__(self, wanted: Wanted, s3fs: S3fs, endpoints: Endpoints | None) -> None:
        self._wanted = wanted
        self._s3fs = s3fs
        self._endpoints = endpoints

    async def trouble(self) -> GradError | None:
        if self._endpoints is not None and await self._down_before_end(self._endpoints):
            return unreachable(self._wanted, "does not answer any more")
        words = await self._s3fs.ended()
        log("warn", "s3fs.ended", dataset=self._wanted.name, words=words)
        return None

    async def _down_before_end(self, endpoints: Endpoints) -> bool:
        with endpoints.watching(cast(S3Source, self._wanted.source).url) as health:
            async with asyncio.TaskGroup() as tasks:
                ended = tasks.create_task(self._s3fs.ended())
                down = tasks.create_task(health.down.wait())
                await asyncio.wait((ended, down), return_when=asyncio.FIRST_COMPLETED)
                is_down = down.done()
                ended.cancel()
                down.cancel()
        return is_down

    async def close(self) -> None:
        await self._s3fs.kill()
