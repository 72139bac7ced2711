"""The agent's command line, parsed once."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grad_runner.agent.limits import MIB, Limits


@dataclass(frozen=True, slots=True)
class Config:
    """`data` is where the datasets are mounted for the agent. `kernels` is the folder shared with the kernel component."""

    listen: str
    tls: Path | None
    runner_id: str
    workspace: Path
    state: Path
    kernels: Path
    data: Path
    datasets_version_file: Path | None
    storage_bytes: int
    """Of the volume, for user code and uploads; 0 means no limit."""
    spill: Path | None
    """Temporary files of user code, which count."""
    sees_kernels: bool
    """Whether this process sees those of the kernels; else it asks the kernel component which files they have open."""
    has_network: bool
    """Whether user code can reach others; for hints only."""
    limits: Limits


def parse(arguments: Sequence[str]) -> Config:
    """Exits with 2 and a usage text for arguments that it does not know."""
    parser = argparse.ArgumentParser(prog="python -m grad_runner.agent", description="The agent of a runner.")
    parser.add_argument("--listen", required=True, help="unix:/path, or tls:address:port with --tls-dir")
    parser.add_argument("--tls-dir", type=Path, help="folder of tls.crt, tls.key and ca.crt")
    parser.add_argument("--runner-id", required=True)
    parser.add_argument("--workspace", required=True, type=Path, help="the folder that is /workspace")
    parser.add_argument(
        "--state", required=True, type=Path, help="the folder of journals, sessions and uploads"
    )
    parser.add_argument(
        "--kernel-dir", required=True, type=Path, help="the folder shared with the kernel component"
    )
    parser.add_argument("--data", type=Path, help="where datasets are mounted; default WORKSPACE/data")
    parser.add_argument(
        "--datasets-version-file",
        type=Path,
        help="the data component's --version-file; default: none, and versions are not checked",
    )
    parser.add_argument(
        "--network",
        choices=("none", "full"),
        default="none",
        help="what user code can reach, which hints mention; default none",
    )
    parser.add_argument(
        "--max-stream-bytes",
        type=int,
        default=256 * MIB,
        help="output of an execution that becomes events; default 256 MiB",
    )
    parser.add_argument(
        "--keep-executions", type=int, default=500, help="finished executions that are kept; default 500"
    )
    parser.add_argument(
        "--session-idle-seconds",
        type=float,
        default=12 * 3600,
        help="a session's kernel ends after so long without use; 0 for never; default 12 hours",
    )
    parser.add_argument(
        "--storage-bytes",
        type=int,
        default=0,
        help="of the volume, for user code and uploads; default 0, no limit",
    )
    parser.add_argument("--spill", type=Path, help="temporary files of user code, which count as storage")
    parser.add_argument(
        "--processes-apart",
        action="store_true",
        help="the kernel component's processes cannot be seen from here: it is asked for the deleted files that they have open",
    )
    given = parser.parse_args(arguments)
    if (
        given.max_stream_bytes < 0
        or given.keep_executions < 1
        or not 0 <= given.session_idle_seconds < math.inf
    ):
        parser.error("bounds must be positive")
    return Config(
        listen=given.listen,
        tls=given.tls_dir,
        runner_id=given.runner_id,
        workspace=given.workspace,
        state=given.state,
        kernels=given.kernel_dir,
        data=given.data or given.workspace / "data",
        datasets_version_file=given.datasets_version_file,
        storage_bytes=given.storage_bytes,
        spill=given.spill,
        sees_kernels=not given.processes_apart,
        has_network=given.network == "full",
        limits=Limits(
            stream_bytes=given.max_stream_bytes,
            max_executions=given.keep_executions,
            max_idle_ms=math.ceil(given.session_idle_seconds * 1000),
        ),
    )
