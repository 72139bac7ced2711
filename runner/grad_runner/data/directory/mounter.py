"""Mounts a folder of the machine by a bind mount, and watches it: when the folder is replaced, the mount goes on showing the old
one. What was checked is what is mounted, by descriptor, and no link leads to it: one that takes its place leads nowhere."""

import asyncio
import os
from pathlib import Path
from typing import Final, cast

from grad_runner.common.errors import GradError
from grad_runner.common.mounts import bind_folder, detach, read_table
from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.directory.access import RunnerUid, access_denied, is_refused, require_access
from grad_runner.data.directory.contact import find_contact, find_listener
from grad_runner.data.directory.folder import Folder, Identity, opened_folder
from grad_runner.data.directory.location import parse_mounts
from grad_runner.data.directory.refusal import Protected, folder_fault

CHECK_EVERY_SECONDS: Final = 2.0


class DirectoryMounter:
    """Mounts datasets of type directory. `uid` is the runner's user where root runs grad."""

    def __init__(self, protected: Protected, uid: RunnerUid = None) -> None:
        self._protected = protected
        self._uid = uid

    async def mount(self, spec: DatasetSpec, staging: Path) -> "DirectoryMount":
        mounting = asyncio.ensure_future(asyncio.to_thread(self._mount, spec, staging))
        try:
            identity = await asyncio.shield(mounting)
        except asyncio.CancelledError:
            await asyncio.wait(
                [mounting]
            )  # a thread cannot be cancelled, and what it mounts is the caller's to unmount
            raise
        return DirectoryMount(self, spec, identity)

    async def recovered(self, spec: DatasetSpec) -> None:
        while await asyncio.to_thread(_is_missing, _path(spec)):
            await asyncio.sleep(CHECK_EVERY_SECONDS)

    def look(self, spec: DatasetSpec) -> Identity:
        """Which folder the dataset's path leads to now. Raises GradError when that may not be a dataset, or not any more."""
        try:
            with opened_folder(_path(spec)) as folder:
                self._require_allowed(spec, folder)
                return folder.identity
        except OSError as error:
            raise self._not_usable(spec, error) from error

    def _mount(self, spec: DatasetSpec, staging: Path) -> Identity:
        try:
            with opened_folder(_path(spec)) as folder:
                self._require_allowed(spec, folder)
                require_access(
                    spec.name, _path(spec), folder.by_descriptor, writable=spec.writable, uid=self._uid
                )
                bind_folder(folder.descriptor, str(staging), writable=spec.writable)
                contact = find_contact(str(staging))
                if contact is not None:
                    detach(str(staging))
                    raise _refused(spec, _contact_fault(contact))
                return folder.identity
        except OSError as error:
            raise self._not_usable(spec, error) from error

    def _require_allowed(self, spec: DatasetSpec, folder: Folder) -> None:
        fault = folder_fault(folder, self._protected, parse_mounts(read_table()))
        if fault is not None:
            raise _refused(spec, fault)
        if folder.path != os.path.normpath(_path(spec)):
            # Callers send the path that they agreed to, links resolved. A link in it was put there later, perhaps by code that
            # may write to a folder above.
            raise _refused(spec, f"is reached by a link, which leads to {folder.path}")
        listener = find_listener(folder.identity)
        if listener is not None:
            raise _refused(spec, _contact_fault(listener))

    def _not_usable(self, spec: DatasetSpec, error: OSError) -> GradError:
        path = _path(spec)
        if is_refused(path, error):
            return access_denied(spec.name, path, "read", self._uid)
        return GradError(
            "dataset_invalid",
            f'Cannot attach dataset "{spec.name}": folder {path}: {error.strerror}',
            "Name an existing folder of the machine that grad runs on.",
        )


class DirectoryMount:
    """A folder that is bound. No process serves it, so there is nothing to close."""

    def __init__(self, mounter: DirectoryMounter, spec: DatasetSpec, identity: Identity) -> None:
        self._mounter = mounter
        self._spec = spec
        self._identity = identity

    async def wait_unusable(self) -> GradError | None:
        while True:
            await asyncio.sleep(CHECK_EVERY_SECONDS)
            try:
                if await asyncio.to_thread(self._mounter.look, self._spec) != self._identity:
                    return None
            except GradError as error:
                return error

    async def probe(self) -> None:
        """Nothing to ask: there are no keys, and `wait_unusable` checks the folder."""

    async def close(self) -> None:
        return None


def _path(spec: DatasetSpec) -> str:
    return cast(DirectorySource, spec.source).path


def _is_missing(path: str) -> bool:
    try:
        with opened_folder(path):
            return False
    except OSError:
        return True


def _contact_fault(path: str) -> str:
    return (
        f"has a socket or a named pipe in it, {path}, through which code could talk to the program behind it"
    )


def _refused(spec: DatasetSpec, fault: str) -> GradError:
    return GradError(
        "dataset_folder_refused",
        f'Cannot attach dataset "{spec.name}": folder {_path(spec)} {fault}',
        "Name the folder that has the data itself, or copy the data into a folder of its own.",
    )
