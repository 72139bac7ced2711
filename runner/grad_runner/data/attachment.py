"""One dataset for as long as it is wanted: mounts it, heals it, renews its keys, and tells its state."""

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.data.mounter import Mount, Mounter
from grad_runner.data.s3_errors import expired
from grad_runner.data.source import Wanted
from grad_runner.data.state import Failed, Mounted, Mounting, State

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 10.0

T = TypeVar("T")


class Places(Protocol):
    """Where mounts are made and shown; see places.py."""

    def make_aside(self, name: str) -> Path: ...
    def show(self, aside: Path, name: str) -> None: ...
    def hide(self, name: str) -> None: ...
    def drop_aside(self, aside: Path) -> None: ...


class Attachment:
    """`run` is a task of the room; all else is called beside it."""

    def __init__(self, wanted: Wanted, mounter: Mounter, places: Places) -> None:
        self.wanted = wanted
        self.state: State = Mounting()
        self._mounter = mounter
        self._places = places
        self._settled = asyncio.Event()
        self._renewed = asyncio.Event()
        self._shown: Mount | None = None
        self._drained: Mount | None = None
        self._pause_seconds = FIRST_PAUSE_SECONDS

    def renew(self, wanted: Wanted) -> None:
        """The same source with other keys, or another try. What is mounted stays until the new mount is
        ready."""
        self.wanted = wanted
        self._settled.clear()
        self.state = Mounting()
        self._renewed.set()

    async def settled(self) -> None:
        """Waits until it is mounted or has failed, as last wanted."""
        await self._settled.wait()

    async def run(self) -> None:
        """Until cancelled; then nothing of it is left."""
        try:
            while True:
                try:
                    await self._mount_once()
                except Exception as error:  # noqa: BLE001 - a bug with one dataset must not end the others
                    log("error", "dataset.bug", dataset=self.wanted.name, error=repr(error))
                    await self._fail(
                        GradError("internal", f'Cannot attach dataset "{self.wanted.name}": internal error')
                    )
        finally:
            await asyncio.shield(self._take_down())

    async def _mount_once(self) -> None:
        self._renewed.clear()
        try:
            mount = await self._mount()
        except GradError as error:
            await self._fail(error)
            return
        began = time.monotonic()
        self._tell(Mounted())
        trouble = await self._first_of(self._trouble_or_expiry(mount))
        if time.monotonic() - began >= STEADY_SECONDS:
            self._pause_seconds = FIRST_PAUSE_SECONDS
        if trouble is not None:
            await self._fail(trouble)
        elif not self._renewed.is_set():
            self.state = Mounting()
            self._settled.clear()
            await self._pause()

    async def _mount(self) -> Mount:
        wanted = self.wanted
        if wanted.keys is not None and wanted.keys.expired(time.time()):
            raise expired(wanted.name)
        aside = self._places.make_aside(wanted.name)
        try:
            mount = await self._mounter.mount(wanted, aside)
        except BaseException:
            self._places.drop_aside(aside)
            raise
        try:
            self._places.show(aside, wanted.name)
        except OSError as error:
            await mount.close()
            self._places.drop_aside(aside)
            raise GradError(
                "dataset_mount_failed", f'Cannot attach dataset "{wanted.name}": {error.strerror}'
            ) from error
        before, self._shown = self._shown, mount
        await self._drain(before)
        return mount

    async def _drain(self, before: Mount | None) -> None:
        """The mount that was replaced lives on for the files that are open in it; s3fs ends by itself after
        the last of them. Only one such is kept."""
        if self._drained is not None:
            await self._drained.close()
        self._drained = before

    async def _trouble_or_expiry(self, mount: Mount) -> GradError | None:
        keys = self.wanted.keys
        if keys is None or keys.expires_at_seconds == 0:
            return await mount.trouble()
        try:
            async with asyncio.timeout(max(0.0, keys.expires_at_seconds - time.time())):
                return await mount.trouble()
        except TimeoutError:
            return expired(self.wanted.name)

    async def _fail(self, error: GradError) -> None:
        """Unreadable: takes the mount away, tells, and waits until another try makes sense."""
        await self._take_down()
        log("warn", "dataset.failed", dataset=self.wanted.name, code=error.code, message=error.message)
        self._tell(Failed(error))
        if self._renewed.is_set():
            return
        if error.code in ("dataset_unreachable", "dataset_invalid"):
            await self._first_of(self._mounter.recovered(self.wanted))
            await self._pause()  # what answers need not be well
        elif error.code == "dataset_mount_failed":
            await self._pause()
        else:
            await self._renewed.wait()  # only other keys, or somebody who asks again, can help

    async def _pause(self) -> None:
        seconds = self._pause_seconds
        self._pause_seconds = min(seconds * 2, LONGEST_PAUSE_SECONDS)
        await self._first_of(asyncio.sleep(seconds))

    async def _take_down(self) -> None:
        # Killed before it is unmounted: its readers are freed that way.
        for mount in (self._shown, self._drained):
            if mount is not None:
                await mount.close()
        self._shown = self._drained = None
        self._places.hide(self.wanted.name)

    def _tell(self, state: State) -> None:
        if self._renewed.is_set():
            return  # it speaks of what was wanted before
        self.state = state
        self._settled.set()

    async def _first_of(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The answer of `work`, or None when something else is wanted before."""
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(work)
            renewed = tasks.create_task(self._renewed.wait())
            await asyncio.wait((working, renewed), return_when=asyncio.FIRST_COMPLETED)
            renewed.cancel()
            if not working.done():
                working.cancel()
        return None if working.cancelled() else working.result()
