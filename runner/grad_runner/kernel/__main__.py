"""The kernel component: `python -m grad_runner.kernel --dir DIR --workspace PATH [--memory-bytes N] [--max-tasks N]`."""

import argparse
import asyncio
import logging
import resource
import signal
import sys
from pathlib import Path

from grad_runner.kernel.server import Server
from grad_runner.kernel.supervisor import Supervisor
from grad_runner.kernel.watchdog import Limits


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m grad_runner.kernel", description="Supervises kernels.")
    parser.add_argument(
        "--dir", type=Path, required=True, help="folder of the socket and of one folder per kernel"
    )
    parser.add_argument("--workspace", type=Path, required=True, help="working directory of the kernels")
    parser.add_argument(
        "--memory-bytes",
        type=int,
        default=0,
        help="limit of all kernels together; idle kernels are ended shortly below it, then the largest one (0: no limit)",
    )
    parser.add_argument(
        "--max-tasks", type=int, default=0, help="threads and processes of all kernels together (0: no limit)"
    )
    options = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not fill the workspace
    limits = Limits(options.memory_bytes, options.max_tasks)
    asyncio.run(_serve(options.dir.absolute(), options.workspace.absolute(), limits))


async def _serve(folder: Path, workspace: Path, limits: Limits) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = Server(folder / "supervisor.sock")
    supervisor = Supervisor(folder, workspace, limits, server.publish)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(server.run(supervisor.handle)), tasks.create_task(supervisor.run())]
        await stopped.wait()
        for task in running:
            task.cancel()


if __name__ == "__main__":
    main()
