"""S3 as a mount: asked first, mounted by s3fs, watched by its process and by its endpoint.

Which errors a writer sees (read-write; found with s3fs 1.90, pandas 3, DuckDB 1.5). s3fs keeps what is written in a file of its
own and sends it at fsync or close, which answer when S3 has it: a close without an error means that the object is there.

- S3 refuses the key: overwriting, mkdir, rename, remove fail with EPERM at once or at close, a new file at close. So Python's
  `close`, also that of a `with`, raises PermissionError, `to_parquet` raises OSError "error closing file". A file that is
  never closed, as in `open(path, "w").write(text)`, is closed by Python, which up to 3.12 tells nobody how that went:
  kernels are made to say it on stderr (kernel/close_errors.py), programs that code starts are not.
- The server is gone: EIO, or ECONNABORTED and ENOTCONN from when the probe has noticed and s3fs has been killed (about
  2 s); what was not closed by then is lost, with the same exceptions.
- **DuckDB's COPY does not look at what close says** (since duckdb#12371 it makes no fsync either). Overwriting fails all the
  same, because it writes staging and renames, and what is not there cannot be renamed; a *new* file that S3 refuses is not. No
  option of s3fs makes a refusal come before close. `COPY … TO … (USE_TMP_FILE true)` makes it an error for new files too.
  That the keys may not write at all is found before anything is mounted (write_probe.py), so what is left is policies that
  tell keys below a prefix apart, and a server that goes away between the last write and close.
- The same holds for a shell's `>`: `cp`, `tee`, `sort -o` and others look at what close says, a redirection does not.
- Bytes written by mmap after the last close of the file are sent by nobody.
"""

import asyncio
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.client import Client, open_client
from grad_runner.data.s3.endpoint import AFTER_FAILURE_SECONDS, Endpoints, answers
from grad_runner.data.s3.errors import unreachable
from grad_runner.data.s3.preflight import Found, preflight, probe_access
from grad_runner.data.s3.s3fs import S3fs, not_installed, s3fs_version, start_s3fs, wait_ready
from grad_runner.data.s3.s3fs_args import Settings

RECOVERY_SECONDS = 30.0
"""After which trying again makes sense even if the probe has no answer."""


class S3Mounter:
    """`settings.version` is asked at the first mount, so that s3fs may be installed while the component runs."""

    def __init__(
        self, settings: Settings, endpoints: Endpoints, executor: Executor, probing: Executor
    ) -> None:
        """`probing` is for mounts that are there: with a frozen server they wait, and mounting must not wait for them."""
        self._settings = settings
        self._endpoints = endpoints
        self._executor = executor
        self._looking = probing
        self._asked = False

    async def mount(self, spec: DatasetSpec, staging: Path) -> "S3Mount":
        found, client = await asyncio.get_running_loop().run_in_executor(self._executor, _ask, spec)
        try:
            s3fs, probed = await self._mount(spec, staging, found)
        except BaseException:
            client.close()
            raise
        log("info", "s3fs.ready", dataset=spec.name, pid=s3fs.pid, probed=probed)
        return S3Mount(
            spec, s3fs, self._endpoints if probed else None, AccessProbe(spec, client, self._looking)
        )

    async def _mount(self, spec: DatasetSpec, staging: Path, found: Found) -> tuple[S3fs, bool]:
        settings = await self._known_settings(spec.name)
        s3fs = await start_s3fs(spec, staging, settings)
        try:
            await wait_ready(s3fs, spec, staging, found.key)
            return s3fs, await answers(cast(S3Source, spec.source).url)
        except BaseException:
            await asyncio.shield(s3fs.kill())
            raise

    async def recovered(self, spec: DatasetSpec) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(RECOVERY_SECONDS):
                while not await answers(cast(S3Source, spec.source).url):
                    await asyncio.sleep(AFTER_FAILURE_SECONDS)

    async def _known_settings(self, name: str) -> Settings:
        if not self._asked:
            version = await s3fs_version()
            if version is None:
                raise not_installed(name)
            self._settings = replace(self._settings, version=version)
            self._asked = True
        return self._settings


def _ask(spec: DatasetSpec) -> tuple[Found, Client]:
    client = open_client(cast(S3Source, spec.source), spec.keys)
    try:
        return preflight(spec, client), client
    except BaseException:
        client.close()
        raise


class AccessProbe:
    """The signed look at a mounted dataset, by the client that has asked first: its connection is open, and making
    another would take longer than the look."""

    def __init__(self, spec: DatasetSpec, client: Client, executor: Executor) -> None:
        self._spec = spec
        self._client = client
        self._executor = executor

    async def run(self) -> GradError | None:
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, probe_access, self._spec, self._client
        )

    def close(self) -> None:
        self._client.close()


class S3Mount:
    """Without `endpoints` only s3fs is watched: S3 has just listed, and yet the probe had no answer (a proxy,
    a gateway that is particular), so no answer would mean nothing."""

    def __init__(
        self, spec: DatasetSpec, s3fs: S3fs, endpoints: Endpoints | None, probe: AccessProbe
    ) -> None:
        self._spec = spec
        self._s3fs = s3fs
        self._endpoints = endpoints
        self._probe = probe

    async def wait_unusable(self) -> GradError | None:
        if self._endpoints is not None and await self._down_before_end(self._endpoints):
            return unreachable(self._spec, "does not answer any more")
        words = await self._s3fs.ended()
        log("warn", "s3fs.ended", dataset=self._spec.name, words=words)
        return None

    async def _down_before_end(self, endpoints: Endpoints) -> bool:
        with endpoints.watching(cast(S3Source, self._spec.source).url) as health:
            async with asyncio.TaskGroup() as tasks:
                ended = tasks.create_task(self._s3fs.ended())
                down = tasks.create_task(health.down.wait())
                await asyncio.wait((ended, down), return_when=asyncio.FIRST_COMPLETED)
                is_down = down.done()
                ended.cancel()
                down.cancel()
        return is_down

    async def probe(self) -> GradError | None:
        return await self._probe.run()

    async def close(self) -> None:
        self._probe.close()
        await self._s3fs.kill()
