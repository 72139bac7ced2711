"""Kernels that compute while nobody runs code in them, by what their component says of their CPU time."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grad_runner.agent import agent as agent_module
from grad_runner.agent.agent import Agent
from grad_runner.agent.config import parse
from grad_runner.agent.kernels.component import Stat
from grad_runner.common.errors import GradError

MINUTE_MS = 60_000


class Kernels:
    """CPU time of kernels by their names; one that is missing has just ended."""

    def __init__(self) -> None:
        self.cpu_ms: dict[str, int] = {}
        self.asked = 0

    async def stat(self, kernel: str) -> Stat:
        self.asked += 1
        if kernel not in self.cpu_ms:
            raise GradError("kernel_not_found", "it has ended")
        return Stat(self.cpu_ms[kernel], 0)


def sessions(*kernels: str) -> Iterator[Any]:
    yield SimpleNamespace(kernel=SimpleNamespace(id="unused", link=None))
    for kernel in kernels:
        yield SimpleNamespace(kernel=SimpleNamespace(id=kernel, link=object()))


@pytest.mark.asyncio
async def test_a_kernel_that_computes_is_activity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now_ms = 0
    monkeypatch.setattr(agent_module, "now_ms", lambda: now_ms)
    for name in ("workspace", "state", "kernels"):
        (tmp_path / name).mkdir()
    folders = {"--workspace": "workspace", "--state": "state", "--kernel-dir": "kernels"}
    given = [part for option, name in folders.items() for part in (option, str(tmp_path / name))]
    config = parse(["--listen", "unix:/x", "--runner-id", "r", *given])
    kernels = Kernels()
    async with asyncio.TaskGroup() as tasks:
        agent = Agent(config, tasks)
        agent.component = kernels  # type: ignore[assignment]

        async def look(*names: str) -> str:
            agent.sessions = list(sessions(*names))  # type: ignore[assignment]
            agent.watch_kernel_use()
            for _ in range(10):
                await asyncio.sleep(0)
            return agent.activity.what

        kernels.cpu_ms = {"idle": 100, "busy": 100}
        assert await look("idle", "busy", "ended") == ""
        assert kernels.asked == 3  # not the session without a kernel
        now_ms += MINUTE_MS - 1
        await look("idle", "busy")
        assert kernels.asked == 3, "too early for another look"
        now_ms += 1
        kernels.cpu_ms = {"idle": 100 + MINUTE_MS // 20, "busy": 100}
        assert await look("idle", "busy") == "", "a twentieth of a core is what an idle kernel may take"
        now_ms += MINUTE_MS
        kernels.cpu_ms["busy"] += MINUTE_MS // 20 + 1
        assert await look("idle", "busy") == "kernel"
        assert agent.activity.at_ms > 0
    agent.close()
