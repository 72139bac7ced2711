"""The component's event loop: its socket and its supervisor, until it is asked to end."""

import asyncio
import signal
from pathlib import Path

from grad_runner.kernel.duckdb_limits import RunnerResources
from grad_runner.kernel.server import Server
from grad_runner.kernel.supervisor import Supervisor
from grad_runner.kernel.watchdog import Limits


def serve(folder: Path, workspace: Path, limits: Limits, resources: RunnerResources) -> None:
    """Runs until SIGTERM or SIGINT; then ends every kernel. As pid 1 it gets no signal that it does not handle."""
    asyncio.run(_serve(folder, workspace, limits, resources))


async def _serve(folder: Path, workspace: Path, limits: Limits, resources: RunnerResources) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = Server(folder / "supervisor.sock")
    supervisor = Supervisor(folder, workspace, limits, resources, server.publish)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(server.run(supervisor.handle)), tasks.create_task(supervisor.run())]
        await stopped.wait()
        for task in running:
            task.cancel()
