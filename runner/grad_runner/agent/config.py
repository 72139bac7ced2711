"""The agent's command line, parsed once."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grad_runner.agent.limits import MIB, Limits


@dataclass(frozen=True, slots=True)
class Config:
    """`data` is where the datasets are mounted for the agent. `kernels` is the folder shared with the kernel component."""

    listen: str
    runner_id: str
    workspace: Path
    state: Path
    kernels: Path
    data: Path
    datasets_version_file: Path | None
    limits: Limits


def parse(arguments: Sequence[str]) -> Config:
    """Exits with 2 and a usage text for arguments that it does not know."""
    parser = argparse.ArgumentParser(prog="python -m grad_runner.agent", description="The agent of a runner.")
    parser.add_argument("--listen", required=True, help="unix:/path of the socket")
    parser.add_argument("--runner-id", required=True)
    parser.add_argument("--workspace", required=True, type=Path, help="the folder that is /workspace")
    parser.add_argument("--state", required=True, type=Path, help="journal, sessions, uploads")
    parser.add_argument("--kernel-dir", required=True, type=Path, help="shared with the kernel component")
    parser.add_argument(
        "--sandbox-kernel-dir", type=Path, help="what the kernel component calls it (not needed, accepted)"
    )
    parser.add_argument("--data", type=Path, help="where datasets are mounted; default WORKSPACE/data")
    parser.add_argument(
        "--datasets-version-file",
        type=Path,
        help="what the data component's --version-file names; default: none",
    )
    parser.add_argument(
        "--max-stream-bytes", type=int, default=256 * MIB, help="of stdout and stderr kept as events"
    )
    parser.add_argument("--keep-executions", type=int, default=500, help="finished ones that are kept")
    given = parser.parse_args(arguments)
    if given.max_stream_bytes < 0 or given.keep_executions < 1:
        parser.error("bounds must be positive")
    return Config(
        listen=given.listen,
        runner_id=given.runner_id,
        workspace=given.workspace,
        state=given.state,
        kernels=given.kernel_dir,
        data=given.data or given.workspace / "data",
        datasets_version_file=given.datasets_version_file,
        limits=Limits(stream_bytes=given.max_stream_bytes, max_executions=given.keep_executions),
    )
