"""One dataset for as long as it is wanted: mounts it, heals it, renews its keys, looks whether they still hold, and
tells its state."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from grad_runner.common.backoff import STEADY_SECONDS, Backoff
from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.data.mounter import Mount, Mounter
from grad_runner.data.s3_errors import expired
from grad_runner.data.source import Wanted
from grad_runner.data.state import Failed, Mounted, Mounting, State

FIRST_PAUSE_SECONDS: Final = 0.1
MAX_PAUSE_SECONDS: Final = 30.0
LOOK_EVERY_SECONDS: Final = 30.0
LOOK_AT_CALL_SECONDS: Final = 5.0
LOOK_TWICE_SECONDS: Final = 0.2
"""Between a look that was refused and the one that confirms it: code may be reading, and a single refusal can be S3's
slip."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Looks:
    """When a mounted dataset's source is asked again."""

    every_seconds: float = LOOK_EVERY_SECONDS
    at_call_seconds: float = LOOK_AT_CALL_SECONDS
    """The age from which a look is too old for a call."""


DEFAULT_LOOKS: Final = Looks()


class Places(Protocol):
    """Where mounts are made and shown; see places.py."""

    def make_aside(self, name: str) -> Path: ...
    def show(self, aside: Path, name: str) -> None: ...
    def hide(self, name: str) -> None: ...
    def drop_aside(self, aside: Path) -> None: ...


class Attachment:
    """`run` is a task of the component; all else is called beside it."""

    def __init__(
        self, wanted: Wanted, mounter: Mounter, places: Places, looks: Looks = DEFAULT_LOOKS
    ) -> None:
        self.wanted = wanted
        self.state: State = Mounting()
        self._mounter = mounter
        self._places = places
        self._looks = looks
        self._looked_at = 0.0
        self._look_now = asyncio.Event()
        self._looked: asyncio.Future[None] = asyncio.Future()
        self._settled = asyncio.Event()
        self._renewed = asyncio.Event()
        self._shown: Mount | None = None
        self._drained: Mount | None = None
        self._backoff = Backoff(FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS)

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

    def look_at_call(self) -> asyncio.Future[None] | None:
        """Asks for a look when the last one is too old for a call that begins; answers what is done when it has been
        taken, and then `state` is Mounting where the source has refused, until that is confirmed. None where none is
        due, or another call waits for it: a slow source makes one call wait, not each."""
        if not isinstance(self.state, Mounted) or self._look_now.is_set():
            return None
        if time.monotonic() - self._looked_at < self._looks.at_call_seconds and not self._expired():
            return None
        self._look_now.set()
        return self._looked

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
        began = self._looked_at = time.monotonic()
        self._look_now.clear()
        self._tell(Mounted())
        trouble = await self._first_of(self._trouble_or_refusal(mount))
        if time.monotonic() - began >= STEADY_SECONDS:
            self._backoff.reset()
        if trouble is not None:
            await self._fail(trouble)
        elif not self._renewed.is_set():
            self.state = Mounting()
            self._settled.clear()
            await self._pause()

    async def _mount(self) -> Mount:
        wanted = self.wanted
        if self._expired():
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

    async def _trouble_or_refusal(self, mount: Mount) -> GradError | None:
        """Whatever comes first: its end, or the source's word that it may not be read any more."""
        async with asyncio.TaskGroup() as tasks:
            trouble = tasks.create_task(mount.trouble())
            refused = tasks.create_task(self._refused(mount))
            await asyncio.wait((trouble, refused), return_when=asyncio.FIRST_COMPLETED)
            first = refused if refused.done() else trouble
            for task in (trouble, refused):
                task.cancel()
        return first.result()

    async def _refused(self, mount: Mount) -> GradError:
        """Looks again and again until the source refuses twice."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_look()):
                    await self._look_now.wait()
            refusal = await self._look(mount)
            if refusal is None:
                self._look_taken()
                continue
            # Not told yet, but no call may begin with it any more.
            self.state = Mounting()
            self._settled.clear()
            self._look_taken()
            if self._expired():
                return refusal
            await asyncio.sleep(LOOK_TWICE_SECONDS)
            refusal = await self._look(mount)
            if refusal is not None:
                return refusal
            self._tell(Mounted())

    async def _look(self, mount: Mount) -> GradError | None:
        return expired(self.wanted.name) if self._expired() else await mount.look()

    def _look_taken(self) -> None:
        self._looked_at = time.monotonic()
        self._look_now.clear()
        self._looked.set_result(None)
        self._looked = asyncio.Future()

    def _seconds_to_look(self) -> float:
        """Until the keys' known end, where that is before the next look."""
        keys, every = self.wanted.keys, self._looks.every_seconds
        if keys is None or keys.expires_at_seconds == 0:
            return every
        return max(0.0, min(every, keys.expires_at_seconds - time.time()))

    def _expired(self) -> bool:
        keys = self.wanted.keys
        return keys is not None and keys.expired(time.time())

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
        await self._first_of(asyncio.sleep(self._backoff.failed()))

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
