"""The life of one dataset, with a fake mounter and fake mount points."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, DirectorySource
from grad_runner.data.keys import Keys
from grad_runner.data.mounts import attachment as subject
from grad_runner.data.mounts.attachment import DEFAULT_PROBE_TIMES, Attachment, ProbeTimes
from grad_runner.data.status import Failed, Mounted, Mounting
from tests.data.mounts.fakes import FakeMounter, FakeMountPoints

DENIED = GradError("dataset_access_denied", "denied")
UNREACHABLE = GradError("dataset_unreachable", "away")
MOUNT_FAILED = GradError("dataset_mount_failed", "no")
WANTED = DatasetSpec("d", DirectorySource("/d"), Keys("a", "b"))
FRESH = DatasetSpec("d", DirectorySource("/d"), Keys("c", "d"))


@dataclass(slots=True)
class Stage:
    attachment: Attachment
    mounter: FakeMounter
    mount_points: FakeMountPoints

    async def settled(self) -> object:
        async with asyncio.timeout(2):
            await self.attachment.settled()
        return self.attachment.state


@asynccontextmanager
async def attaching(
    *outcomes: Exception,
    spec: DatasetSpec = WANTED,
    gate: bool = True,
    probes: ProbeTimes = DEFAULT_PROBE_TIMES,
) -> AsyncIterator[Stage]:
    mounter, mount_points = FakeMounter(list(outcomes)), FakeMountPoints()
    if gate:
        mounter.gate.set()
    attachment = Attachment(spec, mounter, mount_points, probes)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(attachment.run())
        yield Stage(attachment, mounter, mount_points)
        running.cancel()
    assert not mount_points.shown and mount_points.staging == 0
    assert all(mount.closed for mount in mounter.mounts)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(subject, "CONFIRM_AFTER_SECONDS", 0.001)


async def ticks() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_run_mounts_and_leaves_nothing() -> None:
    async with attaching(gate=False) as stage:
        await ticks()
        assert stage.attachment.state == Mounting()
        stage.mounter.gate.set()
        assert await stage.settled() == Mounted()
        assert stage.mount_points.shown


async def test_run_leaves_nothing_when_cancelled_while_mounting() -> None:
    async with attaching(gate=False) as stage:
        await ticks()
        assert stage.mount_points.staging == 1


async def test_run_waits_for_a_renewal_after_a_refusal() -> None:
    async with attaching(DENIED) as stage:
        assert await stage.settled() == Failed(DENIED)
        await ticks()
        assert stage.mounter.mounts == []
        stage.attachment.renew(WANTED)
        assert stage.attachment.state == Mounting()
        assert await stage.settled() == Mounted()


async def test_run_tries_again_by_itself_after_a_mount_failed() -> None:
    async with attaching(MOUNT_FAILED, MOUNT_FAILED) as stage:
        await asyncio.sleep(0.05)
        assert stage.attachment.state == Mounted()


async def test_run_waits_for_the_endpoint_when_it_is_away() -> None:
    async with attaching(UNREACHABLE) as stage:
        await stage.settled()
        await asyncio.sleep(0.02)
        assert stage.mounter.mounts == []
        stage.mounter.back.set()
        await asyncio.sleep(0.02)
        assert stage.attachment.state == Mounted()


async def test_run_replaces_a_mount_that_died() -> None:
    async with attaching() as stage:
        await stage.settled()
        stage.mounter.mounts[0].ends.set_result(None)
        await asyncio.sleep(0.02)
        assert stage.attachment.state == Mounted()
        assert len(stage.mounter.mounts) == 2


async def test_run_takes_a_mount_away_in_an_outage() -> None:
    async with attaching() as stage:
        await stage.settled()
        stage.mounter.mounts[0].ends.set_result(UNREACHABLE)
        await ticks()
        assert stage.attachment.state == Failed(UNREACHABLE)
        assert not stage.mount_points.shown and stage.mounter.mounts[0].closed


async def test_renew_keeps_the_old_mount_until_the_new_one_is_there_and_lets_it_drain() -> None:
    async with attaching() as stage:
        await stage.settled()
        stage.mounter.gate.clear()
        stage.attachment.renew(FRESH)
        await ticks()
        assert stage.mount_points.shown and not stage.mounter.mounts[0].closed
        stage.mounter.gate.set()
        assert await stage.settled() == Mounted()
        assert [mount.spec for mount in stage.mounter.mounts] == [WANTED, FRESH]
        assert not stage.mounter.mounts[0].closed
        stage.attachment.renew(WANTED)
        await stage.settled()
        assert [mount.closed for mount in stage.mounter.mounts] == [True, False, False]


async def test_renew_while_mounting_takes_the_last_word() -> None:
    async with attaching(gate=False) as stage:
        await ticks()
        stage.attachment.renew(FRESH)
        stage.mounter.gate.set()
        assert await stage.settled() == Mounted()
        assert stage.mounter.mounts[-1].spec == FRESH


async def test_renew_with_keys_that_are_refused_takes_the_old_mount_away() -> None:
    async with attaching() as stage:
        await stage.settled()
        stage.mounter.outcomes.append(DENIED)
        stage.attachment.renew(FRESH)
        assert await stage.settled() == Failed(DENIED)
        assert not stage.mount_points.shown and stage.mounter.mounts[0].closed


async def test_run_refuses_keys_that_have_expired() -> None:
    old = DatasetSpec("d", DirectorySource("/d"), Keys("a", "b", "c", int(time.time()) - 1))
    async with attaching(spec=old) as stage:
        state = await stage.settled()
        assert isinstance(state, Failed) and state.error.code == "dataset_credentials_expired"
        assert stage.mounter.mounts == []


async def test_run_tells_when_keys_expire() -> None:
    soon = DatasetSpec("d", DirectorySource("/d"), Keys("a", "b", "c", int(time.time()) + 1))
    async with attaching(spec=soon) as stage:
        assert await stage.settled() == Mounted()
        await asyncio.sleep(1.1)
        state = stage.attachment.state
        assert isinstance(state, Failed) and state.error.code == "dataset_credentials_expired"
        assert not stage.mount_points.shown


async def test_run_survives_a_bug_of_its_mounter_and_a_machine_that_refuses_to_move_mounts() -> None:
    async with attaching(RuntimeError("bug")) as stage:
        state = await stage.settled()
        assert isinstance(state, Failed) and state.error.code == "internal"
        assert "bug" not in state.error.message
        stage.mount_points.refuses = True
        stage.attachment.renew(WANTED)
        state = await stage.settled()
        assert isinstance(state, Failed) and state.error.code == "dataset_mount_failed"
        assert stage.mounter.mounts[-1].closed


async def test_run_takes_a_mount_away_whose_keys_do_not_hold_any_more_and_takes_fresh_ones() -> None:
    async with attaching(probes=ProbeTimes(every_seconds=0.01)) as stage:
        await stage.settled()
        await asyncio.sleep(0.05)
        assert stage.mount_points.shown and stage.mounter.mounts[0].probes >= 2
        stage.mounter.mounts[0].refusals = [DENIED]
        await asyncio.sleep(0.05)
        assert stage.attachment.state == Failed(DENIED)
        assert not stage.mount_points.shown and stage.mounter.mounts[0].closed
        stage.attachment.renew(FRESH)
        assert await stage.settled() == Mounted()
        assert stage.mount_points.shown


async def test_run_believes_a_refusal_only_when_it_comes_twice() -> None:
    async with attaching(probes=ProbeTimes(every_seconds=0.01)) as stage:
        await stage.settled()
        stage.mounter.mounts[0].refusals = [DENIED, None]
        await asyncio.sleep(0.1)
        assert stage.attachment.state == Mounted()
        assert stage.mount_points.shown and not stage.mounter.mounts[0].closed


async def test_look_at_call_looks_when_the_last_look_is_too_old_and_lets_no_call_begin_with_refused_keys() -> (
    None
):
    async with attaching(probes=ProbeTimes(before_call_seconds=0.05)) as stage:
        await stage.settled()
        stage.mounter.mounts[0].refusals = [DENIED]
        assert stage.attachment.probe_before_call() is None  # asked a moment ago, when it was mounted
        assert stage.mounter.mounts[0].probes == 0
        await asyncio.sleep(0.06)
        look = stage.attachment.probe_before_call()
        assert look is not None
        await look
        assert stage.attachment.state == Mounting()
        assert await stage.settled() == Failed(DENIED)


async def test_look_at_call_lets_one_call_wait_for_a_source_that_is_silent() -> None:
    async with attaching(probes=ProbeTimes(before_call_seconds=0)) as stage:
        await stage.settled()
        stage.mounter.mounts[0].silent = True
        look = stage.attachment.probe_before_call()
        assert look is not None and stage.attachment.probe_before_call() is None
        await ticks()
        assert stage.mounter.mounts[0].probes == 1 and not look.done()
        assert stage.attachment.state == Mounted()


async def test_look_at_call_sees_that_keys_have_expired_whatever_the_age_of_the_last_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    soon = DatasetSpec("d", DirectorySource("/d"), Keys("a", "b", "c", int(time.time()) + 600))
    async with attaching(spec=soon) as stage:
        await stage.settled()
        later = time.time() + 3_600  # as after a sleep of the machine, in which its timers stood still
        monkeypatch.setattr(time, "time", lambda: later)
        assert stage.attachment.probe_before_call() is not None
        await ticks()
        state = await stage.settled()
        assert isinstance(state, Failed) and state.error.code == "dataset_credentials_expired"
