"""`python -m grad_runner.data`: wires the data component and serves it on a unix socket."""

import argparse
import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.common.protection import protect_process
from grad_runner.common.rpc import serve, stop_signals
from grad_runner.data.applied_file import AppliedFile
from grad_runner.data.component import Component
from grad_runner.data.dataset_spec import S3Source, Source
from grad_runner.data.directory.mounter import DirectoryMounter
from grad_runner.data.directory.refusal import Protected
from grad_runner.data.memory_limit import limit_own_memory
from grad_runner.data.mounts.component_mounts import ComponentMounts
from grad_runner.data.mounts.lifecycle import DEFAULT_PROBE_TIMES, ProbeTimes
from grad_runner.data.mounts.mount_points import MountPoints
from grad_runner.data.mounts.mounter import Mounter
from grad_runner.data.parse import Allowed
from grad_runner.data.s3.allowed_endpoints import AllowedEndpoints
from grad_runner.data.s3.client import warm_up
from grad_runner.data.s3.endpoint import Endpoints
from grad_runner.data.s3.mounter import S3Mounter
from grad_runner.data.s3.s3fs_args import Settings
from grad_runner.data.service import SERVICE, DataService, register
from grad_runner.data.version_file import VersionFile

STOP_SECONDS = 1.0
MAX_S3_CALLS_AT_ONCE = 8
MAX_PROBES_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Options:
    listen: str
    tls_dir: Path | None
    mount_root: Path
    shown_at: str
    cache_dir: Path
    by_mount_component: bool
    applied_file: Path | None
    version_file: Path | None
    allow_directories: bool
    s3_endpoint: list[str]
    protected: list[str]
    home: str
    mount_uid: int
    mount_gid: int
    runner_uid: int | None
    probe_every_seconds: float
    probe_before_call_seconds: float


def parse_options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="grad_runner.data", description="The data component of a runner.")
    parser.add_argument("--listen", required=True, help="unix:/path, or tls:address:port with --tls-dir")
    parser.add_argument("--tls-dir", type=Path, help="folder of tls.crt, tls.key and ca.crt")
    parser.add_argument(
        "--mount-root", required=True, type=Path, help="folder below which datasets are mounted"
    )
    parser.add_argument("--shown-at", required=True, help="where user code sees the mount root")
    parser.add_argument("--cache-dir", required=True, type=Path, help="folder for what s3fs keeps")
    parser.add_argument(
        "--by-mount-component",
        action="store_true",
        help="the mount component mounts, asked by libfuse's helper (default: s3fs mounts by itself)",
    )
    parser.add_argument(
        "--applied-file",
        type=Path,
        help="file in memory that keeps the datasets, with keys, for a restart of this component (default: nowhere)",
    )
    parser.add_argument(
        "--version-file",
        type=Path,
        help="where the agent reads which datasets are attached (default: nowhere)",
    )
    parser.add_argument(
        "--allow-directories", action="store_true", help="also folders of this machine (default: no)"
    )
    parser.add_argument(
        "--s3-endpoint",
        action="append",
        default=[],
        help="an S3 server that datasets may be on, host:port or *.domain:port; may be repeated (default: any)",
    )
    parser.add_argument(
        "--protected",
        action="append",
        default=[],
        help="a folder that no dataset may be, contain or be in; may be repeated",
    )
    parser.add_argument("--home", default="", help="a folder that no dataset may be or contain")
    # The default is right where this component's user also starts the sandbox, which shows that user under its own uid.
    parser.add_argument(
        "--mount-uid", type=int, default=os.getuid(), help="owner of what is shown (default: us)"
    )
    parser.add_argument("--mount-gid", type=int, default=os.getgid(), help="its group (default: ours)")
    parser.add_argument(
        "--runner-uid",
        type=int,
        help="our user id on the machine, where root runs grad (default: grad runs as this user)",
    )
    parser.add_argument(
        "--probe-every-seconds",
        type=float,
        default=DEFAULT_PROBE_TIMES.every_seconds,
        help="how often S3 is asked whether it still accepts the keys of a mounted dataset (default: %(default)s)",
    )
    parser.add_argument(
        "--probe-before-call-seconds",
        type=float,
        default=DEFAULT_PROBE_TIMES.before_call_seconds,
        help="a call asks again when the last answer is older than this (default: %(default)s)",
    )
    return Options(**vars(parser.parse_args(arguments)))


async def run(options: Options) -> None:
    stop = stop_signals()
    options.cache_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    endpoints = Endpoints()
    executor = ThreadPoolExecutor(MAX_S3_CALLS_AT_ONCE, thread_name_prefix="s3")
    probing = ThreadPoolExecutor(MAX_PROBES_AT_ONCE, thread_name_prefix="probe")
    settings = Settings(
        (0, 0), options.mount_uid, options.mount_gid, str(options.cache_dir), options.by_mount_component
    )
    mount_points: MountPoints | ComponentMounts
    if options.by_mount_component:
        mount_points = ComponentMounts(options.mount_root, options.cache_dir / "mounts")
        s3 = S3Mounter(settings, endpoints, executor, probing, mount_points)
    else:
        mount_points = MountPoints(options.mount_root)
        s3 = S3Mounter(settings, endpoints, executor, probing)
    protected = Protected(tuple(options.protected), options.home)
    directory = DirectoryMounter(protected, options.runner_uid)

    def mounter_of(source: Source) -> Mounter:
        return s3 if isinstance(source, S3Source) else directory

    probe_times = ProbeTimes(options.probe_every_seconds, options.probe_before_call_seconds)
    async with (
        asyncio.TaskGroup() as tasks,
        Component(mount_points, mounter_of, probe_times, VersionFile(options.version_file)) as component,
    ):
        watching = tasks.create_task(endpoints.run())
        executor.submit(warm_up)
        allowed = Allowed(options.allow_directories, AllowedEndpoints(options.s3_endpoint))
        applied = AppliedFile(options.applied_file)
        service = DataService(component, options.shown_at, allowed, executor, applied)
        await service.apply_again()
        server = await serve(
            options.listen, [SERVICE], lambda server: register(service, server), options.tls_dir
        )
        await server.set_serving()
        log("info", "data.serving", listen=options.listen)
        await stop.wait()
        await server.stop(STOP_SECONDS)
        watching.cancel()
    for one in (executor, probing):
        one.shutdown(wait=False, cancel_futures=True)


def main(arguments: list[str]) -> int:
    options = parse_options(arguments)
    limit_own_memory()
    protect_process()  # s3fs, which holds keys as well, writes no core files either
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # keys come with the calls and from nowhere else
    if sys.version_info < (3, 12):
        # As later versions do by default: no thread for each child.
        asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
    status = 0
    try:
        asyncio.run(run(options))
    except* GradError as refused:
        log("error", "data.refused", error=str(refused.exceptions[0]))
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
