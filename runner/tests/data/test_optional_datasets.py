"""Datasets that a call does not require: how long they are waited for, which stay, and what the agent is told of them."""

import asyncio
from pathlib import Path

import pytest

from grad_runner.common.datasets_status import read_reasons
from grad_runner.common.errors import GradError
from grad_runner.data.mounts import attachment
from grad_runner.gen.grad.v1 import dataset_pb2, runner_pb2
from grad_runner.gen.runner.v1 import data_pb2
from tests.data.test_component import DENIED, FAILED, MOUNTED, A, B, NoContext, Served, dataset, served

MOUNTING = runner_pb2.ATTACH_STATE_MOUNTING


async def apply(
    one: Served,
    *datasets: dataset_pb2.Dataset,
    required: tuple[str, ...] = (),
    keep_others: bool = False,
    wait_ms: int = 5_000,
) -> data_pb2.ApplyResponse:
    request = data_pb2.ApplyRequest(
        datasets=datasets, wait_ms=wait_ms, required=required, keep_others=keep_others
    )
    answer: data_pb2.ApplyResponse = await one.service.Apply(request, NoContext())  # type: ignore[arg-type]
    return answer


def states(answer: data_pb2.ApplyResponse) -> dict[str, int]:
    return {one.name: one.state for one in answer.datasets}


def without_keys(name: str, bucket: str = "lake", prefix: str = "") -> dataset_pb2.Dataset:
    source = dataset_pb2.S3Source(bucket=bucket, prefix=prefix, credentials_unavailable=True)
    return dataset_pb2.Dataset(name=name, s3=source)


async def test_a_dataset_that_is_not_required_is_waited_for_only_shortly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attachment, "MOUNT_WAIT_SECONDS", 0.05)
    async with served(monkeypatch) as one:
        one.mounter.gate.clear()
        assert states(await apply(one, A, wait_ms=50_000)) == {"a": MOUNTING}
        # The time is for the try and not for each call: a further one does not wait at all.
        before = asyncio.get_running_loop().time()
        monkeypatch.setattr(attachment, "MOUNT_WAIT_SECONDS", 50.0)
        assert states(await apply(one, A, wait_ms=50_000)) == {"a": MOUNTING}
        assert asyncio.get_running_loop().time() - before < 20
        asyncio.get_running_loop().call_later(0.05, one.mounter.gate.set)
        assert states(await apply(one, A, required=("a",), wait_ms=50_000)) == {"a": MOUNTED}


async def test_another_try_after_a_failure_is_waited_for_even_less_and_keeps_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attachment, "RETRY_WAIT_SECONDS", 0.05)
    async with served(monkeypatch, DENIED) as one:
        assert states(await apply(one, A)) == {"a": FAILED}
        one.mounter.gate.clear()
        (again,) = (await apply(one, A, wait_ms=50_000)).datasets
        assert (again.state, again.error_code, again.error_message) == (MOUNTING, DENIED.code, "denied")
        one.mounter.gate.set()
        assert states(await apply(one, A, required=("a",))) == {"a": MOUNTED}


async def test_another_try_of_the_same_set_does_not_hold_up_code_that_was_accepted_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "version"
    async with served(monkeypatch, DENIED, DENIED, version_file=file) as one:
        version = (await apply(one, A)).version
        removed: list[bool] = []
        monkeypatch.setattr(type(one.component._version_file), "remove", lambda _: removed.append(True))
        assert (await apply(one, A)).version == version == file.read_text()
        assert removed == []


async def test_keep_others_leaves_what_is_attached_and_names_the_whole_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(monkeypatch) as one:
        both = await apply(one, A, B)
        work = one.work
        kept = await apply(one, A, required=("a",), keep_others=True)
        assert states(kept) == {"a": MOUNTED, "b": MOUNTED}
        assert (kept.version, one.work) == (both.version, work)
        assert states(await apply(one, A)) == {"a": MOUNTED}
        assert states(await apply(one, B, keep_others=True)) == {"a": MOUNTED, "b": MOUNTED}


async def test_a_caller_without_keys_keeps_what_is_attached_with_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(monkeypatch) as one:
        first = await apply(one, A)
        again = await apply(one, without_keys("a"))
        assert (states(again), again.version) == ({"a": MOUNTED}, first.version)
        # Another prefix of the bucket is mounted with the same keys, another bucket gets none of them.
        assert states(await apply(one, without_keys("a", prefix="p"))) == {"a": MOUNTED}
        assert one.mounter.mounts[-1].spec.keys is not None
        (other,) = (await apply(one, without_keys("a", bucket="other"))).datasets
        assert (other.state, other.error_code) == (FAILED, "credentials_not_found")


async def test_nothing_is_mounted_anonymously_for_a_caller_without_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(monkeypatch) as one:
        assert states(await apply(one, without_keys("a"))) == {"a": FAILED}
        assert one.mounter.mounts == []


async def test_a_set_that_is_refused_changes_nothing_of_what_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(monkeypatch) as one:
        await apply(one, A)
        many = [dataset(f"d{number}") for number in range(101)]
        with pytest.raises(AttributeError):  # NoContext cannot abort
            await apply(one, *many)
        assert states(await apply(one, without_keys("a"))) == {"a": MOUNTED}


async def test_the_agent_can_read_why_a_dataset_is_not_readable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "version"
    no_bucket = GradError("dataset_bucket_not_found", 'Cannot attach dataset "a": no bucket', "Check it.")
    async with served(monkeypatch, no_bucket, version_file=file) as one:
        await apply(one, A, B, dataset("c", prefix="/no/"))
        reasons = read_reasons(file)
        assert reasons["a"] == 'Cannot attach dataset "a": no bucket. Check it.'
        assert "prefix" in reasons["c"] and "b" not in reasons
        await apply(one, A, B)
        assert read_reasons(file) == {}
        one.mounter.gate.clear()
        await apply(one, dataset("new"), wait_ms=0)
        assert read_reasons(file) == {"new": 'Dataset "new" is still being mounted.'}
        one.mounter.gate.set()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "[1]", '{"a": 1}', "{", "\xff"])
def test_a_damaged_file_of_reasons_has_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "version.reasons").write_bytes(text.encode("latin-1"))
    assert read_reasons(tmp_path / "version") == {}
    assert read_reasons(None) == {}
