"""The watch with a disk and measurements that the test decides."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grad_runner.agent.limits import MIB
from grad_runner.agent.volume import watch as watch_module
from grad_runner.agent.volume.measure import Usage
from grad_runner.agent.volume.watch import StorageWatch
from grad_runner.common.errors import GradError

FREE = 10_000 * MIB


@dataclass
class Disk:
    """`used_mib` of the runner; each measurement takes no time on a clock that stands still but for `now`."""

    used_mib: int = 0
    now: float = 0.0
    measured: int = 0
    limit_mib: int = 100
    running: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def watch(self) -> StorageWatch:
        return StorageWatch(
            self.limit_mib * MIB,
            [Path("/volume")],
            self.measure,
            lambda _: FREE - self.used_mib * MIB,
            lambda: self.now,
        )

    def measure(self, _folders: Sequence[Path], _max_files: int) -> Usage:
        self.measured += 1
        return Usage(self.used_mib * MIB, 10)

    async def run_until(self, watch: StorageWatch, stopped: int) -> None:
        task = asyncio.create_task(
            watch.run(
                lambda: self.running,
                lambda name, _: self.stopped.append(name),
                lambda _: self.stopped.append("all"),
            )
        )
        async with asyncio.timeout(10):
            while len(self.stopped) < stopped:
                await asyncio.sleep(0.001)
        task.cancel()


@pytest.mark.asyncio
async def test_what_is_not_seen_here_counts() -> None:
    disk = Disk(used_mib=60)
    watch = disk.watch()
    await watch.require_room(10 * MIB)
    unseen = 0

    async def ask() -> int:
        return unseen

    watch.unseen_bytes = ask
    unseen = 35 * MIB
    watch.free_bytes = lambda _: FREE - 95 * MIB
    disk.now += 100
    with pytest.raises(GradError, match="95 MiB of 100 MiB are in use") as full:
        await watch.require_room(10 * MIB)
    assert full.value.code == "storage_full"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "_LOOK_SECONDS", 0.001)
    monkeypatch.setattr(watch_module, "_IDLE_LOOK_SECONDS", 0.001)


async def settle(watch: StorageWatch) -> None:
    """Measures as the watch does when it begins."""
    await watch.require_room(0)


async def test_an_execution_that_fills_the_storage_is_stopped_once() -> None:
    disk = Disk(used_mib=50, running=["e"])
    watch = disk.watch()
    await settle(watch)
    disk.used_mib = 101
    await disk.run_until(watch, 1)
    assert disk.stopped == ["e"]
    assert watch.storage.ended_while_full == 0


async def test_only_what_adds_to_a_full_storage_is_stopped() -> None:
    disk = Disk(used_mib=90)
    watch = disk.watch()
    await settle(watch)
    disk.used_mib = 120
    with pytest.raises(GradError) as refused:
        await watch.require_room(1)
    assert refused.value.code == "storage_full"
    assert "120 MiB of 100 MiB" in refused.value.message
    await watch.require_accepting()  # code that deletes
    disk.running = ["deletes"]
    task = asyncio.create_task(
        watch.run(
            lambda: disk.running,
            lambda name, _: disk.stopped.append(name),
            lambda _: disk.stopped.append("all"),
        )
    )
    before = disk.measured
    async with asyncio.timeout(10):
        while disk.measured < before + 3:
            await asyncio.sleep(0.001)
    assert disk.stopped == []
    disk.used_mib = 140
    async with asyncio.timeout(10):
        while not disk.stopped:
            await asyncio.sleep(0.001)
    task.cancel()
    assert disk.stopped == ["deletes"]
    assert watch.storage.ended_while_full == 1


async def test_what_goes_on_without_an_execution_is_stopped_with_all_kernels() -> None:
    disk = Disk(used_mib=50)
    watch = disk.watch()
    await settle(watch)
    disk.used_mib = 120
    await disk.run_until(watch, 1)
    assert disk.stopped[0] == "all"


async def test_executions_are_refused_after_too_many_until_there_is_room() -> None:
    disk = Disk(used_mib=120)
    watch = disk.watch()
    with pytest.raises(GradError):
        await settle(watch)
    for _ in range(10):
        watch.storage.ended(120 * MIB)
    with pytest.raises(GradError) as refused:
        await watch.require_accepting()
    assert refused.value.code == "storage_full"
    disk.used_mib = 10
    await watch.require_accepting()


async def test_without_a_limit_nothing_is_measured() -> None:
    disk = Disk(limit_mib=0)
    watch = disk.watch()
    await watch.run(list, lambda *_: None, lambda _: None)
    await watch.require_room(10**15)
    await watch.require_accepting()
    assert disk.measured == 0
