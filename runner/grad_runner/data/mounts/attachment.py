"""One attached dataset: carries out what its life cycle decides, with one asyncio task for each action."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.data.dataset_spec import DatasetSpec
from grad_runner.data.mounts import lifecycle
from grad_runner.data.mounts.lifecycle import DEFAULT_PROBE_TIMES, Action, Lifecycle, Now, ProbeTimes
from grad_runner.data.mounts.mounter import Mount, Mounter
from grad_runner.data.status import Failed, Mounted, Mounting, State

MOUNT_WAIT_SECONDS: Final = 10.0
"""How long a call waits for a dataset that it does not require."""
RETRY_WAIT_SECONDS: Final = 2.0
"""The same for another try after a failure."""


class MountPoints(Protocol):
    """Where mounts are made and shown; see mount_points.py."""

    def new_staging(self, name: str) -> Path: ...
    def show(self, staging: Path, name: str) -> None: ...
    async def hide(self, name: str) -> None: ...
    def discard(self, staging: Path) -> None: ...


def system_now() -> Now:
    return Now(time.monotonic(), time.time())


class Attachment:
    """Mounts nothing before `start` and leaves nothing behind after `stop`."""

    def __init__(
        self,
        spec: DatasetSpec,
        mounter: Mounter,
        mount_points: MountPoints,
        probe_times: ProbeTimes = DEFAULT_PROBE_TIMES,
        clock: Callable[[], Now] = system_now,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_change` is called when `state` has changed."""
        self._lifecycle = Lifecycle(spec, probe_times)
        self._mounter = mounter
        self._mount_points = mount_points
        self._clock = clock
        self._on_change = on_change
        self._settled = asyncio.Event()
        self._waits_until = 0.0
        self._last_state: State = Mounting()
        self._shown: Mount | None = None
        self._draining: Mount | None = None
        """The mount before that one. It goes on for the files that are open in it; s3fs ends by itself after the last."""
        self._tasks: asyncio.TaskGroup | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._waits: set[asyncio.Task[None]] = set()
        """Those of `_running` that may be cancelled when the mount changes."""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def spec(self) -> DatasetSpec:
        """As last requested."""
        return self._lifecycle.spec

    @property
    def state(self) -> State:
        return self._lifecycle.state

    def start(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._carry_out(self._lifecycle.start(self._clock()))

    def renew(self, spec: DatasetSpec) -> None:
        """The same source with other keys, or another try; `state` is Mounting until that has an outcome."""
        self._carry_out(self._lifecycle.renew(spec, self._clock()))

    async def settled(self) -> None:
        """Waits until the state is Mounted or Failed."""
        await self._settled.wait()

    @property
    def soon_seconds(self) -> float:
        """How long `settled_soon` still waits: all calls together wait a bounded time for one try."""
        return max(0.0, self._waits_until - self._clock().steady)

    async def settled_soon(self) -> None:
        """As `settled`, for a call that does not require the dataset."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.soon_seconds):
                await self._settled.wait()

    def probe_before_call(self) -> asyncio.Task[None] | None:
        """To be called before a call goes on: asks the source where that is due, and returns a task that ends with the probe;
        `state` then has its result. None where no probe is due, or where another call waits for it already."""
        actions = self._lifecycle.probe_before_call(self._clock())
        return next((task for task in self._carry_out(actions)), None)

    async def stop(self) -> None:
        """Returns when nothing is mounted any more."""
        running = set(self._running)
        self._cancel(running)
        if self._timer is not None:
            self._timer.cancel()
        if running:
            await asyncio.wait(running)
        await self._take_down()

    def _carry_out(self, actions: list[Action]) -> list[asyncio.Task[None]]:
        """Begins the actions, then makes `settled` and the timer agree with the state. To be called after each event."""
        tasks = [self._begin(action) for action in actions]
        before, self._last_state = self._last_state, self._lifecycle.state
        match self._last_state:
            case Mounting(after):
                self._settled.clear()
                if before != self._last_state or not self._waits_until:
                    seconds = MOUNT_WAIT_SECONDS if after is None else RETRY_WAIT_SECONDS
                    self._waits_until = self._clock().steady + seconds
            case Mounted():
                self._settled.set()
            case Failed(error):
                self._settled.set()
                if before != self._last_state:
                    name = self.spec.name
                    log("warn", "dataset.failed", dataset=name, code=error.code, message=error.message)
        if before != self._last_state:
            self._on_change()
        self._set_timer()
        return tasks

    def _begin(self, action: Action) -> asyncio.Task[None]:
        match action:
            case lifecycle.Mount(attempt, spec):
                self._cancel(self._waits)
                return self._run(self._mount(attempt, spec))
            case lifecycle.Unmount(attempt):
                self._cancel(self._waits)
                return self._run(self._unmount(attempt))
            case lifecycle.Watch(attempt):
                task = self._run(self._watch(attempt))
            case lifecycle.Probe(attempt):
                task = self._run(self._probe(attempt))
            case lifecycle.AwaitRecovery(attempt):
                task = self._run(self._await_recovery(attempt))
        self._waits.add(task)
        task.add_done_callback(self._waits.discard)
        return task

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        assert self._tasks is not None, "start comes first"
        task = self._tasks.create_task(work, name=f"dataset {self.spec.name}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def _cancel(self, tasks: set[asyncio.Task[None]]) -> None:
        """But never the task that calls: it ends by itself."""
        for task in tasks - {asyncio.current_task()}:
            task.cancel()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock()
        wakes_at = self._lifecycle.wakes_at(now)
        if wakes_at is not None:
            delay = max(0.0, wakes_at - now.steady)
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._carry_out(self._lifecycle.tick(self._clock()))

    async def _mount(self, attempt: int, spec: DatasetSpec) -> None:
        try:
            await self._mount_and_show(spec)
        except GradError as error:
            self._carry_out(self._lifecycle.mount_failed(attempt, error, self._clock()))
        except Exception as bug:  # noqa: BLE001 - a bug with one dataset must not end the others
            self._carry_out(self._lifecycle.mount_failed(attempt, self._internal(bug), self._clock()))
        else:
            self._carry_out(self._lifecycle.mounted(attempt, self._clock()))

    async def _mount_and_show(self, spec: DatasetSpec) -> None:
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
        drained, self._draining, self._shown = self._draining, self._shown, mount
        if drained is not None:
            await drained.close()

    async def _unmount(self, attempt: int) -> None:
        await self._take_down()
        self._carry_out(self._lifecycle.unmounted(attempt, self._clock()))

    async def _watch(self, attempt: int) -> None:
        assert self._shown is not None, "Watch follows a mount"
        try:
            error = await self._shown.wait_unusable()
        except Exception as bug:  # noqa: BLE001 - as in _mount
            error = self._internal(bug)
        self._carry_out(self._lifecycle.unusable(attempt, error, self._clock()))

    async def _probe(self, attempt: int) -> None:
        assert self._shown is not None, "Probe follows a mount"
        try:
            refusal = await self._shown.probe()
        except Exception as bug:  # noqa: BLE001 - as in _mount
            self._carry_out(self._lifecycle.unusable(attempt, self._internal(bug), self._clock()))
        else:
            self._carry_out(self._lifecycle.probed(attempt, refusal, self._clock()))

    async def _await_recovery(self, attempt: int) -> None:
        try:
            await self._mounter.recovered(self.spec)
        except Exception as bug:  # noqa: BLE001 - as in _mount; the next try shows whether it lasts
            self._internal(bug)
        self._carry_out(self._lifecycle.recovered(attempt, self._clock()))

    async def _take_down(self) -> None:
        # Closed before it is hidden: whoever reads from it then gets an error at once and does not hang.
        for mount in (self._shown, self._draining):
            if mount is not None:
                await mount.close()
        self._shown = self._draining = None
        await self._mount_points.hide(self.spec.name)

    def _internal(self, bug: Exception) -> GradError:
        log("error", "dataset.bug", dataset=self.spec.name, error=repr(bug))
        return GradError("internal", f'Cannot attach dataset "{self.spec.name}": internal error')
