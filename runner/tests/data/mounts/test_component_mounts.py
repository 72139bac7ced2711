"""What a data component in a pod knows of the mounts that the mount component makes for it."""

import asyncio
from pathlib import Path

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.mounts import component_mounts
from grad_runner.data.mounts.component_mounts import ComponentMounts
from grad_runner.data.s3.mounter import S3Mount

ROOT = Path("/workspace/data")
SPEC = DatasetSpec("sales", S3Source("http://127.0.0.1:9", "us-east-1", "lake", "", True))


def _table(*mounts: tuple[int, str]) -> str:
    return "".join(f"{number} 1 0:50 / {point} rw - fuse.s3fs s3fs rw\n" for number, point in mounts)


async def test_a_mount_is_removed_when_another_one_or_none_is_at_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(component_mounts, "POLL_SECONDS", 0.01)
    for after in ((), ((8, "/workspace/data/sales"),), ((7, "/elsewhere"),)):
        table = _table((7, "/workspace/data/sales"), (9, "/workspace/data/a"))
        monkeypatch.setattr(component_mounts, "read_table", lambda: table)  # noqa: B023 - read in this round only
        removed = asyncio.create_task(ComponentMounts(ROOT, tmp_path).removed(ROOT / "sales", "7"))
        done, _ = await asyncio.wait([removed], timeout=0.1)
        assert not done
        table = _table(*after)
        async with asyncio.timeout(60):
            await removed


class _EndlessS3fs:
    async def ended(self) -> str:
        await asyncio.Event().wait()
        return ""


class _NoProbe:
    async def run(self) -> GradError | None:
        return None


async def test_a_mount_that_was_removed_can_be_made_anew_although_its_s3fs_goes_on() -> None:
    gone = asyncio.Event()

    async def removed() -> None:
        await gone.wait()

    mount = S3Mount(SPEC, _EndlessS3fs(), removed, None, _NoProbe())  # type: ignore[arg-type]
    watching = asyncio.create_task(mount.wait_unusable())
    done, _ = await asyncio.wait([watching], timeout=0.1)
    assert not done
    gone.set()
    async with asyncio.timeout(60):
        assert await watching is None
