"""`python -m grad_runner.agent`: signals, the socket, the agent. No logic."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

from grad_runner.agent.agent import Agent
from grad_runner.agent.config import Config, parse
from grad_runner.agent.limits import MAX_MEMORY_BYTES
from grad_runner.agent.service import AgentService
from grad_runner.common.log import log
from grad_runner.common.protection import bound_memory, protect_process
from grad_runner.common.rpc import Server, serve, stop_signals
from grad_runner.gen.runner.v1 import agent_pb2_grpc

_GRACE_SECONDS = 1.0
_MAX_THREADS = 8
"""For calls that wait for a disk; the default grows with the cores of the machine."""


async def _main(config: Config) -> None:
    stop = stop_signals()
    files = ThreadPoolExecutor(_MAX_THREADS, thread_name_prefix="files")
    asyncio.get_running_loop().set_default_executor(files)
    async with asyncio.TaskGroup() as tasks:
        agent = Agent(config, tasks)
        service = AgentService(agent)
        server = await serve(
            config.listen,
            ["runner.v1.AgentService"],
            lambda one: agent_pb2_grpc.add_AgentServiceServicer_to_server(service, one),  # type: ignore[no-untyped-call]
            config.tls,
        )
        log("info", "agent.listening", listen=config.listen, runner=config.runner_id)
        running = tasks.create_task(agent.run())
        becoming_ready = tasks.create_task(_set_serving_when_recovered(server, agent))
        await stop.wait()
        await server.stop(_GRACE_SECONDS)
        running.cancel()
        becoming_ready.cancel()
        agent.stop()
    agent.close()


async def _set_serving_when_recovered(server: Server, agent: Agent) -> None:
    """Code that was accepted before would not run yet."""
    await agent.sessions.recovered.wait()
    await server.set_serving()


def main() -> None:
    protect_process()
    bound_memory(MAX_MEMORY_BYTES)
    asyncio.run(_main(parse(sys.argv[1:])))


if __name__ == "__main__":
    main()
