"""Mounts a folder of the machine by a bind mount, and watches it: when the folder is replaced, the mount goes on showing the old
one."""

import asyncio
import os
from pathlib import Path
from typing import cast

from grad_runner.common.errors import GradError
from grad_runner.common.mounts import bind_folder
from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.directory.access import RunnerUid, access_denied, is_refused, require_access

CHECK_EVERY_SECONDS = 2.0

Identity = tuple[int, int]
"""Device and inode: another one under the same path is another folder."""


class DirectoryMounter:
    """Mounts datasets of type directory. `uid` is the runner's user where root runs grad."""

    def __init__(self, uid: RunnerUid = None) -> None:
        self._uid = uid

    async def mount(self, spec: DatasetSpec, staging: Path) -> "DirectoryMount":
        path = cast(DirectorySource, spec.source).path
        try:
            identity = await asyncio.to_thread(_identity, path)
            await asyncio.to_thread(require_access, spec.name, path, writable=spec.writable, uid=self._uid)
            bind_folder(path, str(staging), writable=spec.writable)
        except OSError as error:
            raise _not_usable(spec.name, path, error, self._uid) from error
        return DirectoryMount(spec, identity, self._uid)

    async def recovered(self, spec: DatasetSpec) -> None:
        path = cast(DirectorySource, spec.source).path
        while await asyncio.to_thread(_identity_or_none, path) is None:
            await asyncio.sleep(CHECK_EVERY_SECONDS)


class DirectoryMount:
    """A folder that is bound. No process serves it, so there is nothing to close."""

    def __init__(self, spec: DatasetSpec, identity: Identity, uid: RunnerUid) -> None:
        self._spec = spec
        self._uid = uid
        self._identity = identity

    async def wait_unusable(self) -> GradError | None:
        path = cast(DirectorySource, self._spec.source).path
        while True:
            await asyncio.sleep(CHECK_EVERY_SECONDS)
            try:
                if await asyncio.to_thread(_identity, path) != self._identity:
                    return None
            except OSError as error:
                return _not_usable(self._spec.name, path, error, self._uid)

    async def probe(self) -> None:
        """Nothing to ask: there are no keys, and `wait_unusable` checks the folder."""

    async def close(self) -> None:
        return None


def _identity(path: str) -> Identity:
    found = os.stat(f"{path}/")  # with the slash, a file is an error
    return found.st_dev, found.st_ino


def _identity_or_none(path: str) -> Identity | None:
    try:
        return _identity(path)
    except OSError:
        return None


def _not_usable(name: str, path: str, error: OSError, uid: RunnerUid) -> GradError:
    if is_refused(path, error):
        return access_denied(name, path, "read", uid)
    return GradError(
        "dataset_invalid",
        f'Cannot attach dataset "{name}": folder {path}: {error.strerror}',
        "Name an existing folder of the machine that grad runs on.",
    )
