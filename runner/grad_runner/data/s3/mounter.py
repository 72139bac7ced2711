"""Mounts S3: asks S3 first, starts s3fs, then watches the process and the endpoint.

Which errors a writer sees (read-write; observed with s3fs 1.90, pandas 3, DuckDB 1.5). s3fs stores what is written in a file of
its own and sends it at fsync or close, which return when S3 has it: a close without an error means that the object is stored.

- S3 refuses the key: overwriting, mkdir, rename and remove fail with EPERM at once or at close, a new file at close. So Python's
  `close`, also that of a `with`, raises PermissionError, and `to_parquet` raises OSError "error closing file". A file that the
  code never closes, as in `open(path, "w").write(text)`, is closed by Python, which up to 3.12 drops the error: kernels print it
  to stderr (kernel/close_errors.py), programs that the code starts do not.
- The server is gone: EIO; after about 2 s, when the probe has noticed and s3fs has been killed, ECONNABORTED and ENOTCONN. Files
  that were not closed by then are lost, with the same exceptions.
- **DuckDB's COPY ignores the error of close** (and since duckdb#12371 it makes no fsync). Overwriting still fails, because COPY
  writes a temporary file and renames it, and the file that was refused cannot be renamed; a *new* file that S3 refuses is lost
  without an error. No option of s3fs makes the refusal come before close. `COPY ... TO ... (USE_TMP_FILE true)` makes it an error
  for new files too. Keys that may not write at all are found before anything is mounted (write_probe.py); what remains are
  policies that treat keys below one prefix differently, and a server that goes away between the last write and close.
- The same holds for a shell's `>`: `cp`, `tee`, `sort -o` and others check close, a redirection does not.
- Bytes that are written by mmap after the last close of the file are never sent.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, cast

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.common.mounts import mount_ids, read_table
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.addressing import try_each
from grad_runner.data.s3.client import Client, open_client
from grad_runner.data.s3.endpoint import AFTER_FAILURE_SECONDS, Endpoints, speaks_http
from grad_runner.data.s3.endpoint_address import require_allowed
from grad_runner.data.s3.errors import unreachable
from grad_runner.data.s3.preflight import Found, preflight, probe_access
from grad_runner.data.s3.s3fs import S3fs, not_installed, s3fs_version, start_s3fs, wait_ready
from grad_runner.data.s3.s3fs_args import Settings

Removed: TypeAlias = "Callable[[], Coroutine[Any, Any, None]]"
"""Waits until a mount is not where it was made any more."""
MAX_RECOVERY_SECONDS = 30.0
"""After so long another try makes sense even if the endpoint has not answered a probe."""


class Places(Protocol):
    """Where the mounts appear that s3fs makes on staging folders."""

    def appears_at(self, staging: Path) -> Path: ...

    def mounted(self, staging: Path) -> str | None:
        """The id of the mount that s3fs has made on `staging`; None until then."""

    async def removed(self, place: Path, mount: str) -> None:
        """Waits until the mount of that id is not at `place` any more, although its s3fs may go on."""


class AtStaging:
    """s3fs mounts by itself, where it is told to, and the caller moves the mount: it ends with s3fs."""

    def appears_at(self, staging: Path) -> Path:
        return staging

    def mounted(self, staging: Path) -> str | None:
        return min(mount_ids(read_table(), str(staging)), default=None)

    async def removed(self, place: Path, mount: str) -> None:
        await asyncio.Event().wait()


AT_STAGING: Final = AtStaging()


class S3Mounter:
    """Mounts datasets of type S3. The version of s3fs is read at the first mount, so that s3fs may be installed while the
    component runs."""

    def __init__(
        self,
        settings: Settings,
        endpoints: Endpoints,
        executor: Executor,
        probe_executor: Executor,
        places: Places = AT_STAGING,
    ) -> None:
        """`executor` runs the requests before a mount, `probe_executor` those of mounted datasets: with a frozen server those
        wait, and mounting must not wait for them."""
        self._settings = settings
        self._endpoints = endpoints
        self._executor = executor
        self._probe_executor = probe_executor
        self._places = places
        self._is_version_known = False

    async def mount(self, spec: DatasetSpec, staging: Path) -> "S3Mount":
        spec, (found, client) = await asyncio.get_running_loop().run_in_executor(
            self._executor, try_each, spec, _preflight
        )
        try:
            s3fs, removed, probed = await self._mount(spec, staging, found)
        except BaseException:
            client.close()
            raise
        log("info", "s3fs.ready", dataset=spec.name, pid=s3fs.pid, probed=probed)
        return S3Mount(
            spec,
            s3fs,
            removed,
            self._endpoints if probed else None,
            AccessProbe(spec, client, self._probe_executor),
        )

    async def _mount(self, spec: DatasetSpec, staging: Path, found: Found) -> tuple[S3fs, Removed, bool]:
        settings = await self._known_settings(spec.name)
        place = self._places.appears_at(staging)
        s3fs = await start_s3fs(spec, staging, settings)
        try:
            mount = await wait_ready(s3fs, spec, place, found.key, partial(self._places.mounted, staging))
            removed = partial(self._places.removed, place, mount)
            return s3fs, removed, await speaks_http(cast(S3Source, spec.source).url)
        except BaseException:
            await asyncio.shield(s3fs.kill())
            raise

    async def recovered(self, spec: DatasetSpec) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(MAX_RECOVERY_SECONDS):
                while not await speaks_http(cast(S3Source, spec.source).url):
                    await asyncio.sleep(AFTER_FAILURE_SECONDS)

    async def _known_settings(self, name: str) -> Settings:
        if not self._is_version_known:
            version = await s3fs_version()
            if version is None:
                raise not_installed(name)
            self._settings = replace(self._settings, version=version)
            self._is_version_known = True
        return self._settings


def _preflight(spec: DatasetSpec) -> tuple[Found, Client]:
    """Blocks. The client is the caller's to close."""
    source = cast(S3Source, spec.source)
    require_allowed(spec, source)
    client = open_client(source, spec.keys)
    try:
        return preflight(spec, client), client
    except BaseException:
        client.close()
        raise


class AccessProbe:
    """Signed requests that show whether S3 still accepts a dataset's keys. They use the client of the preflight, whose
    connection is open: making another takes longer than the requests."""

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
    """A prefix that s3fs has mounted. Without `endpoints` only the process is watched: that is for a server that has answered
    signed requests but no probe, as some proxies do, so that failed probes mean nothing."""

    def __init__(
        self,
        spec: DatasetSpec,
        s3fs: S3fs,
        removed: Removed,
        endpoints: Endpoints | None,
        probe: AccessProbe,
    ) -> None:
        self._spec = spec
        self._s3fs = s3fs
        self._removed = removed
        self._endpoints = endpoints
        self._probe = probe

    async def wait_unusable(self) -> GradError | None:
        if self._endpoints is None:
            await self._first_of(asyncio.Event())
            return None
        with self._endpoints.watching(cast(S3Source, self._spec.source).url) as health:
            is_down = await self._first_of(health.down)
        return unreachable(self._spec, "does not answer any more") if is_down else None

    async def _first_of(self, down: asyncio.Event) -> bool:
        """Waits until the endpoint is down, s3fs has ended or its mount was removed; whether it is the first of these."""
        name = self._spec.name
        async with asyncio.TaskGroup() as tasks:
            endpoint = tasks.create_task(down.wait())
            ended = tasks.create_task(self._s3fs.ended())
            removed = tasks.create_task(self._removed())
            await asyncio.wait((endpoint, ended, removed), return_when=asyncio.FIRST_COMPLETED)
            is_down = endpoint.done()
            if ended.done():
                log("warn", "s3fs.ended", dataset=name, log_tail=ended.result())
            elif removed.done():
                log("warn", "mount.removed", dataset=name)
            for task in (endpoint, ended, removed):
                task.cancel()
        return is_down

    async def probe(self) -> GradError | None:
        return await self._probe.run()

    async def close(self) -> None:
        self._probe.close()
        await self._s3fs.kill()
