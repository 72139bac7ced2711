"""What a data component in a pod knows of the mounts that the mount component makes for it."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.mounts import component_mounts
from grad_runner.data.mounts.component_mounts import ComponentMounts
from grad_runner.data.s3.mounter import S3Mount
from tests.init.init_process import RUNNER_ROOT
from tests.mount.mount_component import MountComponent, mount_component, until_mounts

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


def _mount_as_libfuse_does(component: MountComponent, staging: Path) -> Iterator[None]:
    """libfuse's helper itself asks for the mount, until the second step ends what serves it."""
    ours, theirs = socket.socketpair()
    code = (
        "import sys; from grad_runner.mount import fusermount; "
        "fusermount.SOCKET, *argv = sys.argv[1:]; sys.exit(fusermount.main(argv))"
    )
    argv = [sys.executable, "-c", code, str(component.folder / "mount.sock"), "-o", "ro", "--", str(staging)]
    env = {"PYTHONPATH": str(RUNNER_ROOT), "_FUSE_COMMFD": str(theirs.fileno())}
    subprocess.run(argv, env=env, pass_fds=[theirs.fileno()], check=True)
    theirs.close()
    _, (device,), _, _ = socket.recv_fds(ours, 1, 1)
    yield
    os.close(device)
    ours.close()


def test_a_renewed_mount_is_noticed_although_it_has_the_id_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mount_component(shared=True) as component, component.other_namespace() as table:
        monkeypatch.setattr(component_mounts, "read_table", table.read_text)
        places = ComponentMounts(component.root, tmp_path)
        ids, serving = [], []
        for _ in range(5):
            staging = places.new_staging("sales")
            assert places.mounted(staging) is None
            steps = _mount_as_libfuse_does(component, staging)
            next(steps)
            serving.append(steps)
            ids.append(places.mounted(staging))
            places.show(staging, "sales")
            assert not staging.parent.exists()
        assert None not in ids
        assert len(set(ids)) < len(ids), (
            "the system gave each mount an id of its own: this test shows nothing"
        )
        for steps in serving:
            assert next(steps, None) is None
        until_mounts(component, set())


async def test_a_dataset_is_hidden_when_the_mount_component_has_removed_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "data"
    (root / "sales").mkdir(parents=True)
    places = ComponentMounts(root, tmp_path / "scratch")
    monkeypatch.setattr(component_mounts, "HIDE_SECONDS", 60.0)
    hidden = asyncio.create_task(places.hide("sales"))
    done, _ = await asyncio.wait([hidden], timeout=0.1)
    assert not done
    (root / "sales").rmdir()
    async with asyncio.timeout(60):
        await hidden
        # A mount component that does not come back does not hold up the others.
        (root / "sales").mkdir()
        monkeypatch.setattr(component_mounts, "HIDE_SECONDS", 0.05)
        await places.hide("sales")


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
