"""A real data component below a real init, and the datasets that tests attach."""

import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc.aio

from grad_runner.gen.grad.v1 import dataset_pb2, runner_pb2
from grad_runner.gen.runner.v1 import data_pb2, data_pb2_grpc
from tests.init.init_process import RUNNER_ROOT, RunningInit, running_init, within
from tests.support_s3 import ROOT_KEY, ROOT_SECRET, S3Server

MOUNTING, MOUNTED, FAILED = (
    runner_pb2.ATTACH_STATE_MOUNTING,
    runner_pb2.ATTACH_STATE_MOUNTED,
    runner_pb2.ATTACH_STATE_FAILED,
)
ROOT_KEYS = dataset_pb2.S3Credentials(access_key_id=ROOT_KEY, secret_access_key=ROOT_SECRET)


def s3_dataset(
    server: S3Server,
    name: str,
    bucket: str = "lake",
    prefix: str = "",
    credentials: dataset_pb2.S3Credentials | None = ROOT_KEYS,
    access: dataset_pb2.Access = dataset_pb2.ACCESS_UNSPECIFIED,
) -> dataset_pb2.Dataset:
    source = dataset_pb2.S3Source(
        endpoint=server.url, bucket=bucket, prefix=prefix, path_style=True, credentials=credentials
    )
    return dataset_pb2.Dataset(name=name, access=access, s3=source)


def directory_dataset(
    name: str, path: Path, access: dataset_pb2.Access = dataset_pb2.ACCESS_UNSPECIFIED
) -> dataset_pb2.Dataset:
    source = dataset_pb2.DirectorySource(path=str(path))
    return dataset_pb2.Dataset(name=name, access=access, directory=source)


@dataclass(frozen=True, slots=True)
class DataComponent:
    init: RunningInit
    stub: data_pb2_grpc.DataServiceStub

    async def apply(
        self, *datasets: dataset_pb2.Dataset, wait_ms: int = 20_000
    ) -> dict[str, runner_pb2.AttachedDataset]:
        answer = await self.stub.Apply(data_pb2.ApplyRequest(datasets=datasets, wait_ms=wait_ms))
        return {one.name: one for one in answer.datasets}

    async def status(self, name: str) -> runner_pb2.AttachedDataset:
        answer: data_pb2.GetStatusResponse = await self.stub.GetStatus(data_pb2.GetStatusRequest())
        return next(one for one in answer.datasets if one.name == name)

    def ls(self, *path: str) -> list[str]:
        """Names in a folder below the mounts; raises FileNotFoundError and OSError as a reader would see them."""
        done = self.init.inside("ls", "-A", str(self.init.data_root.joinpath(*path)))
        if "No such file" in done.stderr:
            raise FileNotFoundError(done.stderr)
        if done.returncode:
            raise OSError(done.stderr)
        return done.stdout.splitlines()

    def cat(self, *path: str) -> str:
        done = self.init.inside("cat", str(self.init.data_root.joinpath(*path)))
        if done.returncode:
            raise OSError(done.stderr)
        return done.stdout

    def shows(self, text: str, *path: str) -> bool:
        """Whether the file holds `text`. False also for an error: between two mounts, opening a dataset is one."""
        try:
            return self.cat(*path) == text
        except OSError:
            return False

    def sh(self, script: str) -> str:
        """Runs a script in the folder of the mounts; answers what it said, errors too."""
        done = self.init.inside("sh", "-c", f"exec 2>&1; cd {self.init.data_root}; {script}")
        return done.stdout

    def pids(self, what: str) -> list[int]:
        """Of the namespace's processes of that name, as seen in there."""
        return [int(pid) for pid in self.init.inside("pgrep", "-x", what).stdout.split()]

    def signal(self, name: str, pids: Iterable[int]) -> None:
        assert self.init.inside("kill", f"-{name}", *map(str, pids)).returncode == 0


@asynccontextmanager
async def data_component(*options: str, env: Mapping[str, str] | None = None) -> AsyncIterator[DataComponent]:
    def components(folder: Path) -> dict[str, list[str]]:
        return {
            "data": [
                *(sys.executable, "-m", "grad_runner.data", "--listen", f"unix:{folder}/data.sock"),
                *("--mount-root", f"{folder}/data", "--shown-at", "/workspace/data"),
                *("--cache-dir", f"{folder}/cache", *options),
            ]
        }

    with running_init(components, env={"PYTHONPATH": str(RUNNER_ROOT), **(env or {})}) as init:
        async with grpc.aio.insecure_channel(f"unix:{init.folder}/data.sock") as channel:
            within(60, (init.folder / "data.sock").exists)
            await channel.channel_ready()
            yield DataComponent(init, data_pb2_grpc.DataServiceStub(channel))  # type: ignore[no-untyped-call]
