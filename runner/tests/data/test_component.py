"""Which work a call of the component does, with a mounter that counts it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data import service as service_module
from grad_runner.data.component import Component
from grad_runner.data.dataset_spec import DatasetSpec
from grad_runner.data.mounts.lifecycle import ProbeTimes
from grad_runner.data.parse import Allowed, parse_dataset
from grad_runner.data.service import DataService
from grad_runner.data.status import Failed, Mounted
from grad_runner.data.version_file import VersionFile
from grad_runner.gen.grad.v1 import dataset_pb2, runner_pb2
from grad_runner.gen.runner.v1 import data_pb2
from tests.data.mounts.fakes import FakeMount, FakeMounter, FakeMountPoints

DENIED = GradError("dataset_access_denied", "denied")


class NoContext:
    """None of the calls here fails."""


@dataclass(slots=True)
class Served:
    service: DataService
    component: Component
    mounter: FakeMounter
    parsed: list[str] = field(default_factory=list)

    async def apply(self, *datasets: dataset_pb2.Dataset) -> dict[str, int]:
        """The states by name."""
        request = data_pb2.ApplyRequest(datasets=datasets, wait_ms=5_000)
        answer: data_pb2.ApplyResponse = await self.service.Apply(request, NoContext())  # type: ignore[arg-type]
        return {one.name: one.state for one in answer.datasets}

    async def version(self, *datasets: dataset_pb2.Dataset) -> str:
        request = data_pb2.ApplyRequest(datasets=datasets, wait_ms=5_000)
        answer: data_pb2.ApplyResponse = await self.service.Apply(request, NoContext())  # type: ignore[arg-type]
        return answer.version

    def apply_at_once(self, *datasets: dataset_pb2.Dataset) -> dict[str, int]:
        """As `apply`, for calls that answer without waiting for anything; raises AssertionError where one waits."""
        try:
            self.apply(*datasets).send(None)
        except StopIteration as answered:
            states: dict[str, int] = answered.value
            return states
        raise AssertionError("the call waits")

    @property
    def live(self) -> list[FakeMount]:
        return [mount for mount in self.mounter.mounts if not mount.closed]

    @property
    def work(self) -> tuple[int, int, int]:
        """Datasets parsed, mounts made, questions to sources: so far."""
        mounts = self.mounter.mounts
        return len(self.parsed), len(mounts), sum(mount.probes for mount in mounts)


@asynccontextmanager
async def served(
    monkeypatch: pytest.MonkeyPatch, *outcomes: Exception, age: float = 5, version_file: Path | None = None
) -> AsyncIterator[Served]:
    """`age` is that from which a call asks the sources again, in seconds."""
    mounter = FakeMounter(list(outcomes))
    mounter.gate.set()
    async with Component(
        FakeMountPoints(),  # type: ignore[arg-type]
        lambda _: mounter,
        ProbeTimes(before_call_seconds=age),
        VersionFile(version_file),
    ) as component:
        service = DataService(component, "/workspace/data", Allowed(directories=True), None)  # type: ignore[arg-type]
        one = Served(service, component, mounter)

        def counted(dataset: dataset_pb2.Dataset, allowed: Allowed) -> DatasetSpec:
            one.parsed.append(dataset.name)
            return parse_dataset(dataset, allowed)

        monkeypatch.setattr(service_module, "parse_dataset", counted)
        yield one


def dataset(name: str, prefix: str = "", secret: str = "s", description: str = "") -> dataset_pb2.Dataset:
    keys = dataset_pb2.S3Credentials(access_key_id="k", secret_access_key=secret)
    source = dataset_pb2.S3Source(bucket="lake", prefix=prefix, credentials=keys)
    return dataset_pb2.Dataset(name=name, description=description, s3=source)


MOUNTED, FAILED = runner_pb2.ATTACH_STATE_MOUNTED, runner_pb2.ATTACH_STATE_FAILED
A, B = dataset("a"), dataset("b")


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ((), ()),
        ((A, B), (A, B)),
        ((A, B), (B, A)),
        ((A,), (dataset("a", description="other words"),)),
    ],
    ids=["empty", "the same", "in another order", "with another description"],
)
async def test_apply_of_an_unchanged_set_does_no_work_and_waits_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
    first: tuple[dataset_pb2.Dataset, ...],
    again: tuple[dataset_pb2.Dataset, ...],
) -> None:
    async with served(monkeypatch) as one:
        states = await one.apply(*first)
        before = one.work
        assert one.apply_at_once(*again) == states
        assert one.work == before


async def test_apply_of_an_unchanged_set_with_an_invalid_dataset_does_no_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(monkeypatch) as one:
        sets = (A, dataset("b", prefix="/no/"))
        assert await one.apply(*sets) == {"a": MOUNTED, "b": FAILED}
        before = one.work
        assert one.apply_at_once(*sets) == {"a": MOUNTED, "b": FAILED}
        assert one.work == before


@pytest.mark.parametrize(
    ("again", "mounted"),
    [
        ((), 1),
        ((A, B), 2),
        ((dataset("a", prefix="p"),), 2),
        ((dataset("a", secret="fresh"),), 2),
        ((B,), 2),
    ],
    ids=["removed", "added", "another source", "fresh keys", "another name"],
)
async def test_apply_of_a_changed_set_changes_the_mounts(
    monkeypatch: pytest.MonkeyPatch, again: tuple[dataset_pb2.Dataset, ...], mounted: int
) -> None:
    async with served(monkeypatch) as one:
        await one.apply(A)
        assert await one.apply(*again) == {each.name: MOUNTED for each in again}
        assert len(one.mounter.mounts) == mounted
        assert await one.apply(A) == {"a": MOUNTED}  # and the first is not taken for the applied one any more


async def test_apply_of_an_unchanged_set_repairs_mounts_that_are_not_usable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(monkeypatch, DENIED) as one:
        assert await one.apply(A) == {"a": FAILED}
        assert await one.apply(A) == {"a": MOUNTED}  # tried again
        one.live[0].ends.set_result(DENIED)
        async with asyncio.timeout(60):
            while not isinstance(one.component.status()[0].state, Failed):
                await asyncio.sleep(0)
        assert await one.apply(A) == {"a": MOUNTED}


async def test_apply_waits_for_a_dataset_that_is_mounted_anew_while_others_are_mounted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(monkeypatch) as one:
        assert await one.apply(A) == {"a": MOUNTED}
        one.mounter.gate.clear()
        applied = asyncio.create_task(one.apply(A, B))
        async with asyncio.timeout(60):
            while len(one.component.status()) < 2:
                await asyncio.sleep(0)
            one.live[0].ends.set_result(None)
            while any(isinstance(status.state, Mounted) for status in one.component.status()):
                await asyncio.sleep(0)
            one.mounter.gate.set()
            assert await applied == {"a": MOUNTED, "b": MOUNTED}


async def test_apply_of_an_unchanged_set_probes_sources_whose_last_probe_is_too_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(monkeypatch, age=0) as one:
        await one.apply(A)
        one.live[0].refusals = [DENIED]
        assert await one.apply(A) == {"a": FAILED}
        assert one.mounter.mounts[0].probes >= 1


async def test_apply_answers_while_a_probe_has_no_answer_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch, age=0) as one:
        await one.apply(A)
        begun, answered = asyncio.Event(), asyncio.Event()

        async def probe(_: FakeMount) -> None:
            begun.set()
            await answered.wait()

        monkeypatch.setattr(FakeMount, "probe", probe)
        async with asyncio.timeout(60):
            assert await one.apply(A) == {"a": MOUNTED}
            await begun.wait()
        assert not answered.is_set()
        answered.set()


async def test_apply_detaches_what_a_check_has_attached(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch) as one:
        await one.apply(A)
        await one.component.attach(parse_dataset(B, Allowed(directories=True)), 5)
        assert [status.name for status in one.component.status()] == ["a", "b"]
        assert await one.apply(A) == {"a": MOUNTED}
        assert [status.name for status in one.component.status()] == ["a"]


def content(file: Path) -> str | None:
    return file.read_text() if file.exists() else None


async def test_apply_writes_the_version_of_the_set_that_is_attached_and_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "version"
    file.write_text("left by a component that was killed")
    async with served(monkeypatch, version_file=file) as one:
        assert content(file) is None
        first = await one.version(A)
        assert len(first) == 64 and content(file) == first
        assert await one.version(A) == first
        second = await one.version(B)
        assert second not in ("", first) and content(file) == second
        await one.component.attach(parse_dataset(A, Allowed(directories=True)), 5)
        assert content(file) is None
        assert await one.version(A) == first == content(file)
    assert content(file) is None and list(tmp_path.iterdir()) == []


async def test_apply_removes_the_version_before_it_changes_a_mount(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "version"
    async with served(monkeypatch, version_file=file) as one:
        await one.apply(A)
        seen: list[str | None] = []
        close = FakeMount.close

        async def closing(mount: FakeMount) -> None:
            seen.append(content(file))
            await close(mount)

        monkeypatch.setattr(FakeMount, "close", closing)
        await one.apply()
        assert seen == [None] and content(file) is not None


def test_a_set_has_a_hundred_datasets_at_most_each_once() -> None:
    datasets = [dataset(f"d{number}") for number in range(101)]
    service_module.require_set(datasets[:100])
    with pytest.raises(GradError, match="at most 100"):
        service_module.require_set(datasets)
    with pytest.raises(GradError, match="given twice"):
        service_module.require_set([A, A])


async def test_apply_waits_a_minute_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        async def abort(self, *_: object) -> None:
            raise PermissionError

    async with served(monkeypatch) as one:
        await one.service.Apply(data_pb2.ApplyRequest(wait_ms=60_000), Context())  # type: ignore[arg-type]
        with pytest.raises(PermissionError):
            await one.service.Apply(data_pb2.ApplyRequest(wait_ms=60_001), Context())  # type: ignore[arg-type]
