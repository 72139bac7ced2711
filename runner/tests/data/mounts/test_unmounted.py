"""An unmounted dataset is an error to whoever opens it, never an empty folder: in a tight loop of listings, while what serves
the dataset is killed, replaced, renewed and removed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc

from grad_runner.gen.grad.v1 import dataset_pb2
from grad_runner.gen.runner.v1 import data_pb2
from tests.data.data_component import (
    MOUNTED,
    ROOT_KEYS,
    DataComponent,
    data_component,
    directory_dataset,
    s3_dataset,
)
from tests.data.s3.test_supervision import until
from tests.support_s3 import S3Server

TIMES = 10
MAX_SECONDS = 300
WITHOUT_CAPABILITIES = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--")
LOOP = Path(__file__).with_name("listing_loop.py")


@asynccontextmanager
async def listing(component: DataComponent, *names: str) -> AsyncIterator[dict[str, int]]:
    """Lists the datasets as user code would, for as long as the block runs; then the mapping has the outcomes."""
    seen: dict[str, int] = {}
    stop = component.init.folder / "stop"
    argv = ("python3", str(LOOP), str(stop), *(str(component.init.data_root / name) for name in names))
    command = (*WITHOUT_CAPABILITIES, *argv)
    reading = asyncio.create_task(asyncio.to_thread(component.init.inside, *command, seconds=MAX_SECONDS))
    try:
        yield seen
    finally:
        stop.touch()
        done = await reading
        stop.unlink()
    assert done.returncode == 0, done.stderr
    seen.update(json.loads(done.stdout))


def mounted(component: DataComponent, name: str) -> bool:
    try:
        return component.ls(name) != []
    except OSError:
        return False


async def apply_again(component: DataComponent, request: data_pb2.ApplyRequest) -> data_pb2.ApplyResponse:
    """Repeats the call as grad does: the first one may go out on the connection to the process that was killed."""
    async with asyncio.timeout(60):
        while True:
            try:
                answer: data_pb2.ApplyResponse = await component.stub.Apply(request, wait_for_ready=True)
                return answer
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise


async def kill_and_attach(component: DataComponent, *datasets: dataset_pb2.Dataset) -> None:
    """Kills the data component with its s3fs, and attaches the datasets again when the init has restarted it."""
    before = component.init.component("data")["restarts"]
    component.signal("KILL", [component.init.component("data")["pid"]])
    await until(60, lambda: component.init.component("data")["restarts"] > before)
    request = data_pb2.ApplyRequest(datasets=datasets, wait_ms=20_000)
    answer = await apply_again(component, request)
    assert [one.state for one in answer.datasets] == [MOUNTED] * len(datasets), answer


def let_its_owner_open(component: DataComponent, name: str) -> None:
    """Gives the folder below the mount the mode 0700, which it once had: that is the attack without the protection."""
    bare = component.init.folder / "bare"
    bare.mkdir(exist_ok=True)
    root = component.init.data_root
    script = f"mount --bind {root} {bare} && chmod 0700 {bare}/{name} && umount {bare}"
    assert component.init.inside("sh", "-c", script).returncode == 0


async def test_killed_data_component_leaves_no_empty_folder(s3: S3Server, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    weather, files = s3_dataset(s3, "weather", prefix="weather"), directory_dataset("files", tmp_path)
    async with data_component("--allow-directories") as component:
        await component.apply(weather, files)
        async with listing(component, "weather", "files") as seen:
            for _ in range(TIMES // 2):  # of two datasets
                await kill_and_attach(component, weather, files)
        assert seen["full"] > 0 and len(seen) > 1, seen  # it saw both the data and errors
        assert "empty" not in seen, seen

        for _ in range(TIMES):  # the time without a mount is short
            async with listing(component, "weather") as unprotected:
                let_its_owner_open(component, "weather")
                await kill_and_attach(component, weather)
            if "empty" in unprotected:
                break
        assert unprotected["empty"] > 0, unprotected


async def test_killed_s3fs_leaves_no_empty_folder(s3: S3Server) -> None:
    names = [f"w{number}" for number in range(TIMES)]
    async with data_component() as component:
        await component.apply(*(s3_dataset(s3, name, prefix="weather") for name in names))
        async with listing(component, *names) as seen:
            for signal in ("KILL", "TERM"):  # at SIGTERM s3fs unmounts by itself
                before = set(component.pids("s3fs"))
                component.signal(signal, before)
                while before & set(component.pids("s3fs")):
                    await asyncio.sleep(0.02)
                await until(60, lambda: all(mounted(component, name) for name in names))
        assert seen["full"] > 0 and len(seen) > 1 and "empty" not in seen, seen


async def test_changes_of_a_dataset_leave_no_empty_folder(s3: S3Server, tmp_path: Path) -> None:
    s3.add_user("reader", "readers-secret")
    s3.put("renewed", {"a.txt": b"a"})
    may = {"Principal": "reader", "Action": ["s3:ListBucket", "s3:GetObject"]}
    s3.allow("renewed", [{**may, "Resource": ["arn:aws:s3:::renewed", "arn:aws:s3:::renewed/*"]}])
    other = dataset_pb2.S3Credentials(access_key_id="reader", secret_access_key="readers-secret")
    folder = tmp_path / "folder"
    async with data_component("--allow-directories") as component:
        async with listing(component, "renewed", "files") as seen:
            for number in range(TIMES):
                # Other keys, other sources, none: with each of these a mount takes the place of another or of none.
                keys = (ROOT_KEYS, other)[number % 2]
                replace_folder(folder, tmp_path / f"old-{number}")
                await component.apply(
                    s3_dataset(s3, "renewed", "renewed", credentials=keys), directory_dataset("files", folder)
                )
                await component.apply(
                    s3_dataset(s3, "renewed", "lake", credentials=ROOT_KEYS),
                    directory_dataset("files", tmp_path),
                )
                if number % 2:
                    await component.apply()
        assert seen["full"] > 0 and "empty" not in seen, seen


def replace_folder(folder: Path, old: Path) -> None:
    """Puts a new folder with one file in the place of `folder`."""
    new = folder.with_name("new")
    new.mkdir()
    (new / "a.txt").write_text("a")
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
