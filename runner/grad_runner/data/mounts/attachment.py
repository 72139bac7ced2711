"""One dataset for as long as it is requested: mounts it, heals it, renews its keys, probes whether they still hold, and
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
from grad_runner.data.dataset_spec import DatasetSpec
from grad_runner.data.keys import keys_expired
from grad_runner.data.mounts.mounter import Mount, Mounter
from grad_runner.data.status import Failed, Mounted, Mounting, State

FIRST_PAUSE_SECONDS: Final = 0.1
MAX_PAUSE_SECONDS: Final = 30.0
PROBE_EVERY_SECONDS: Final = 30.0
PROBE_BEFORE_CALL_SECONDS: Final = 5.0
CONFIRM_AFTER_SECONDS: Final = 0.2
"""Between a look that was refused and the one that confirms it: code may be reading, and a single refusal can be S3's
slip."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProbeTimes:
    """When a mounted dataset's source is asked again."""

    every_seconds: float = PROBE_EVERY_SECONDS
    before_call_seconds: float = PROBE_BEFORE_CALL_SECONDS
    """The age from which a look is too old for a call."""


DEFAULT_PROBE_TIMES: Final = ProbeTimes()


class MountPoints(Protocol):
    """Where mounts are made and shown; see mount_points.py."""

    def new_staging(self, name: str) -> Path: ...
    def show(self, staging: Path, name: str) -> None: ...
    def hide(self, name: str) -> None: ...
    def discard(self, staging: Path) -> None: ...


class Attachment:
    """`run` is a task of the component; all else is called beside it."""

    def __init__(
        self,
        spec: DatasetSpec,
        mounter: Mounter,
        mount_points: MountPoints,
        probes: ProbeTimes = DEFAULT_PROBE_TIMES,
    ) -> None:
        self.spec = spec
        self.state: State = Mounting()
        self._mounter = mounter
        self._mount_points = mount_points
        self._probe_times = probes
        self._task: asyncio.Task[None] | None = None
        self._probed_at = 0.0
        self._probe_now = asyncio.Event()
        self._probed: asyncio.Future[None] = asyncio.Future()
        self._settled = asyncio.Event()
        self._renewed = asyncio.Event()
        self._shown: Mount | None = None
        self._drained: Mount | None = None
        self._backoff = Backoff(FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS)

    def renew(self, spec: DatasetSpec) -> None:
        """The same source with other keys, or another try. What is mounted stays until the new mount is
        ready."""
        self.spec = spec
        self._settled.clear()
        self.state = Mounting()
        self._renewed.set()

    async def settled(self) -> None:
        """Waits until it is mounted or has failed, as last requested."""
        await self._settled.wait()

    def probe_before_call(self) -> asyncio.Future[None] | None:
        """Asks for a look when the last one is too old for a call that begins; answers what is done when it has been
        taken, and then `state` is Mounting where the source has refused, until that is confirmed. None where none is
        due, or another call waits for it: a slow source makes one call wait, not each."""
        if not isinstance(self.state, Mounted) or self._probe_now.is_set():
            return None
        if time.monotonic() - self._probed_at < self._probe_times.before_call_seconds and not self._expired():
            return None
        self._probe_now.set()
        return self._probed

    def start(self, tasks: asyncio.TaskGroup) -> None:
        self._task = tasks.create_task(self.run(), name=f"dataset {self.spec.name}")

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """Returns when nothing of it is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def run(self) -> None:
        """Until cancelled; then nothing of it is left."""
        try:
            while True:
                try:
                    await self._mount_once()
                except Exception as error:  # noqa: BLE001 - a bug with one dataset must not end the others
                    log("error", "dataset.bug", dataset=self.spec.name, error=repr(error))
                    await self._fail(
                        GradError("internal", f'Cannot attach dataset "{self.spec.name}": internal error')
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
        began = self._probed_at = time.monotonic()
        self._probe_now.clear()
        self._report(Mounted())
        wait_unusable = await self._first_of(self._wait_unusable_or_refused(mount))
        if time.monotonic() - began >= STEADY_SECONDS:
            self._backoff.reset()
        if wait_unusable is not None:
            await self._fail(wait_unusable)
        elif not self._renewed.is_set():
            self.state = Mounting()
            self._settled.clear()
            await self._pause()

    async def _mount(self) -> Mount:
        spec = self.spec
        if self._expired():
            raise keys_expired(spec.name)
        staging = self._mount_points.new_staging(spec.name)
        try:
            mount = await self._mounter.mount(spec, staging)
        except BaseException:
            self._mount_points.discard(staging)
            raise
        try:
            self._mount_points.show(staging, spec.name)
        except OSError as error:
            await mount.close()
            self._mount_points.discard(staging)
            raise GradError(
                "dataset_mount_failed", f'Cannot attach dataset "{spec.name}": {error.strerror}'
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

    async def _wait_unusable_or_refused(self, mount: Mount) -> GradError | None:
        """Whatever comes first: its end, or the source's word that it may not be read any more."""
        async with asyncio.TaskGroup() as tasks:
            wait_unusable = tasks.create_task(mount.wait_unusable())
            refused = tasks.create_task(self._refused(mount))
            await asyncio.wait((wait_unusable, refused), return_when=asyncio.FIRST_COMPLETED)
            first = refused if refused.done() else wait_unusable
            for task in (wait_unusable, refused):
                task.cancel()
        return first.result()

    async def _refused(self, mount: Mount) -> GradError:
        """ProbeTimes again and again until the source refuses twice."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_probe()):
                    await self._probe_now.wait()
            refusal = await self._probe(mount)
            if refusal is None:
                self._probe_done()
                continue
            # Not reported yet, but no call may begin with it any more.
            self.state = Mounting()
            self._settled.clear()
            self._probe_done()
            if self._expired():
                return refusal
            await asyncio.sleep(CONFIRM_AFTER_SECONDS)
            refusal = await self._probe(mount)
            if refusal is not None:
                return refusal
            self._report(Mounted())

    async def _probe(self, mount: Mount) -> GradError | None:
        return keys_expired(self.spec.name) if self._expired() else await mount.probe()

    def _probe_done(self) -> None:
        self._probed_at = time.monotonic()
        self._probe_now.clear()
        self._probed.set_result(None)
        self._probed = asyncio.Future()

    def _seconds_to_probe(self) -> float:
        """Until the keys' known end, where that is before the next look."""
        keys, every = self.spec.keys, self._probe_times.every_seconds
        if keys is None or keys.expires_at_seconds == 0:
            return every
        return max(0.0, min(every, keys.expires_at_seconds - time.time()))

    def _expired(self) -> bool:
        keys = self.spec.keys
        return keys is not None and keys.expired(time.time())

    async def _fail(self, error: GradError) -> None:
        """Unreadable: takes the mount away, tells, and waits until another try makes sense."""
        await self._take_down()
        log("warn", "dataset.failed", dataset=self.spec.name, code=error.code, message=error.message)
        self._report(Failed(error))
        if self._renewed.is_set():
            return
        if error.code in ("dataset_unreachable", "dataset_invalid"):
            await self._first_of(self._mounter.recovered(self.spec))
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
        self._mount_points.hide(self.spec.name)

    def _report(self, state: State) -> None:
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
