"""What an attachment does with mounts and mount points; test_lifecycle.py has when."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.keys import Keys
from grad_runner.data.mounts import lifecycle
from grad_runner.data.mounts.attachment import Attachment, system_now
from grad_runner.data.mounts.lifecycle import DEFAULT_PROBE_TIMES, Now, ProbeTimes
from grad_runner.data.status import Failed, Mounted, Mounting, State
from tests.data.mounts.fakes import FakeMounter, FakeMountPoints

DENIED = GradError("dataset_access_denied", "denied")
UNREACHABLE = GradError("dataset_unreachable", "away")
MOUNT_FAILED = GradError("dataset_mount_failed", "no")
OLD = DatasetSpec("d", DirectorySource("/d"), Keys("a", "b"))
NEW = DatasetSpec("d", DirectorySource("/d"), Keys("c", "d"))
WITHIN_SECONDS = 60


@dataclass(slots=True)
class Stage:
    attachment: Attachment
    mounter: FakeMounter
    mount_points: FakeMountPoints

    async def settled(self) -> State:
        async with asyncio.timeout(WITHIN_SECONDS):
            await self.attachment.settled()
        return self.attachment.state

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_SECONDS):
            while not is_so():
                await asyncio.sleep(0.001)

    async def until_state(self, state: State) -> None:
        await self.until(lambda: self.attachment.state == state)


@asynccontextmanager
async def attaching(
    *outcomes: Exception,
    spec: DatasetSpec = OLD,
    gate: bool = True,
    times: ProbeTimes = DEFAULT_PROBE_TIMES,
    clock: Callable[[], Now] = system_now,
) -> AsyncIterator[Stage]:
    """With `gate` False, the mounter waits until `mounter.gate` is set. Checks that nothing is left at the end."""
    mounter, mount_points = FakeMounter(list(outcomes)), FakeMountPoints()
    if gate:
        mounter.gate.set()
    attachment = Attachment(spec, mounter, mount_points, times, clock)
    async with asyncio.TaskGroup() as tasks:
        attachment.start(tasks)
        yield Stage(attachment, mounter, mount_points)
        await attachment.stop()
    assert not mount_points.shown and mount_points.staging == 0
    assert all(mount.closed for mount in mounter.mounts)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(lifecycle, "CONFIRM_AFTER_SECONDS", 0.001)


async def turns() -> None:
    """Lets every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_start_mounts_and_stop_leaves_nothing() -> None:
    async with attaching(gate=False) as stage:
        await turns()
        assert stage.attachment.state == Mounting() and not stage.mount_points.shown
        stage.mounter.gate.set()
        assert await stage.settled() == Mounted()
        assert stage.mount_points.shown


async def test_stop_in_the_middle_of_mounting_leaves_no_staging_folder() -> None:
    async with attaching(gate=False) as stage:
        await turns()
        assert stage.mount_points.staging == 1


async def test_renew_before_anything_has_run_mounts_what_was_requested_last() -> None:
    async with attaching() as stage:
        stage.attachment.renew(NEW)
        assert await stage.settled() == Mounted()
        assert stage.mounter.mounts[-1].spec == NEW


async def test_failed_dataset_is_mounted_after_a_renewal() -> None:
    async with attaching(DENIED) as stage:
        assert await stage.settled() == Failed(DENIED)
        await turns()
        assert stage.mounter.mounts == []
        stage.attachment.renew(OLD)
        assert stage.attachment.state == Mounting(DENIED)
        assert await stage.settled() == Mounted()


async def test_mounting_is_tried_again_after_pauses() -> None:
    async with attaching(MOUNT_FAILED, MOUNT_FAILED) as stage:
        await stage.until_state(Mounted())


async def test_source_that_is_away_is_mounted_when_it_is_back() -> None:
    async with attaching(UNREACHABLE) as stage:
        assert await stage.settled() == Failed(UNREACHABLE)
        await turns()
        assert stage.mounter.mounts == []
        stage.mounter.back.set()
        await stage.until_state(Mounted())


async def test_mount_that_ended_is_replaced() -> None:
    async with attaching() as stage:
        await stage.settled()
        stage.mounter.mounts[0].ends.set_result(None)
        await stage.until(lambda: len(stage.mounter.mounts) == 2)
        await stage.until_state(Mounted())


async def test_mount_whose_source_is_away_is_closed_and_hidden_before_that_is_reported() -> None:
    async with attaching() as stage:
        await stage.settled()
        stage.mounter.mounts[0].ends.set_result(UNREACHABLE)
        await stage.until_state(Failed(UNREACHABLE))
        assert not stage.mount_points.shown and stage.mounter.mounts[0].closed


async def test_renew_shows_the_old_mount_until_the_new_one_is_ready_and_lets_it_drain() -> None:
    async with attaching() as stage:
        await stage.settled()
        stage.mounter.gate.clear()
        stage.attachment.renew(NEW)
        await turns()
        assert stage.mount_points.shown and not stage.mounter.mounts[0].closed
        stage.mounter.gate.set()
        assert await stage.settled() == Mounted()
        assert [mount.spec for mount in stage.mounter.mounts] == [OLD, NEW]
        assert not stage.mounter.mounts[0].closed
        stage.attachment.renew(OLD)
        await stage.settled()
        assert [mount.closed for mount in stage.mounter.mounts] == [True, False, False]


async def test_renew_with_keys_that_are_refused_unmounts_the_old_mount() -> None:
    async with attaching() as stage:
        await stage.settled()
        stage.mounter.outcomes.append(DENIED)
        stage.attachment.renew(NEW)
        assert await stage.settled() == Failed(DENIED)
        assert not stage.mount_points.shown and stage.mounter.mounts[0].closed


async def test_timer_fires_when_keys_expire() -> None:
    soon = DatasetSpec("d", DirectorySource("/d"), Keys("a", "b", "c", int(time.time()) + 1))
    async with attaching(spec=soon) as stage:
        await stage.until(lambda: isinstance(stage.attachment.state, Failed))
        assert isinstance(stage.attachment.state, Failed)
        assert stage.attachment.state.error.code == "dataset_credentials_expired"
        assert not stage.mount_points.shown


async def test_bug_of_a_mounter_fails_only_its_dataset_and_is_not_shown() -> None:
    async with attaching(RuntimeError("bug")) as stage:
        state = await stage.settled()
        assert isinstance(state, Failed) and state.error.code == "internal"
        assert "bug" not in state.error.message


@pytest.mark.parametrize("method", ["wait_unusable", "probe"])
async def test_bug_of_a_mount_fails_only_its_dataset(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def raises(_: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(f"tests.data.mounts.fakes.FakeMount.{method}", raises)
    async with attaching(times=ProbeTimes(every_seconds=0.001)) as stage:
        await stage.until(lambda: isinstance(stage.attachment.state, Failed))
        assert isinstance(stage.attachment.state, Failed)
        assert stage.attachment.state.error.code == "internal"


async def test_bug_while_waiting_for_a_recovery_leads_to_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    async def raises(*_: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(FakeMounter, "recovered", raises)
    async with attaching(UNREACHABLE) as stage:
        await stage.until_state(Mounted())


async def test_mount_that_cannot_be_moved_to_its_place_is_closed() -> None:
    async with attaching(gate=False) as stage:
        stage.mount_points.refuses = True
        stage.mounter.gate.set()
        state = await stage.settled()
        assert isinstance(state, Failed) and state.error.code == "dataset_mount_failed"
        assert stage.mounter.mounts[-1].closed


async def test_refused_keys_unmount_and_fresh_ones_mount_again() -> None:
    async with attaching(times=ProbeTimes(every_seconds=0.001)) as stage:
        await stage.until(lambda: len(stage.mounter.mounts) == 1 and stage.mounter.mounts[0].probes > 1)
        assert stage.mount_points.shown
        stage.mounter.mounts[0].refusals = [DENIED]
        await stage.until_state(Failed(DENIED))
        assert not stage.mount_points.shown and stage.mounter.mounts[0].closed
        stage.attachment.renew(NEW)
        await stage.until_state(Mounted())


async def test_probe_before_call_lets_no_call_begin_with_refused_keys() -> None:
    async with attaching(times=ProbeTimes(before_call_seconds=0)) as stage:
        await stage.settled()
        stage.mounter.mounts[0].refusals = [DENIED]
        probe = stage.attachment.probe_before_call()
        assert probe is not None
        await probe
        assert stage.attachment.state == Mounting()
        assert await stage.settled() == Failed(DENIED)


async def test_probe_before_call_lets_one_call_wait_for_a_source_that_is_silent() -> None:
    async with attaching(times=ProbeTimes(before_call_seconds=0)) as stage:
        await stage.settled()
        stage.mounter.mounts[0].silent = True
        probe = stage.attachment.probe_before_call()
        assert probe is not None and stage.attachment.probe_before_call() is None
        await turns()
        assert stage.mounter.mounts[0].probes == 1 and not probe.done()
        assert stage.attachment.state == Mounted()


async def test_probe_before_call_fails_a_dataset_whose_keys_have_expired_while_the_machine_slept() -> None:
    slept_seconds = 0.0

    def clock() -> Now:
        return Now(time.monotonic(), time.time() + slept_seconds)

    spec = DatasetSpec("d", DirectorySource("/d"), Keys("a", "b", "c", int(time.time()) + 600))
    async with attaching(spec=spec, clock=clock) as stage:
        await stage.settled()
        slept_seconds = 3_600
        assert stage.attachment.probe_before_call() is not None
        state = await stage.settled()
        assert isinstance(state, Failed) and state.error.code == "dataset_credentials_expired"
        assert stage.mounter.mounts[0].probes == 0
