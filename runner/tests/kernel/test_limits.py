"""The component's limits on memory and tasks, met for real."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from .component import Component, component_in

LIMIT_BYTES = 600 * 1024 * 1024


@pytest.fixture(scope="module")
def small() -> Iterator[Component]:
    options = ("--memory-bytes", str(LIMIT_BYTES), "--max-tasks", "120")
    with TemporaryDirectory(prefix="gk-") as folder, component_in(Path(folder), *options) as made:
        yield made


GROWS = "blocks = []\nprint('on')\nwhile True: blocks.append(b'x' * 5_000_000)"


def test_the_kernel_that_takes_the_memory_is_ended_and_no_other(small: Component) -> None:
    client = small.client()
    good, greedy = small.kernel(client), small.kernel(client)
    good.run("x = b'x' * 50_000_000")
    greedy.send(GROWS)
    exited = client.wait_for("exited", kernel=greedy.name)
    assert exited["exit"] == {"code": None, "signal": "KILL", "outOfMemory": True, "tooManyTasks": False}
    assert greedy.output("stdout") == "on\n"
    assert client.ask("stat", kernel=greedy.name)["peakRssBytes"] < LIMIT_BYTES * 1.5
    assert good.run("len(x)").text == "50000000"
    for kernel in (good, greedy):
        client.ask("remove", kernel=kernel.name)


def test_memory_of_a_child_process_counts(small: Component) -> None:
    client = small.client()
    kernel = small.kernel(client)
    grows = "b = []\nwhile True: b.append(b'x' * 5_000_000)"
    kernel.send(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grows!r}])")
    assert client.wait_for("exited", kernel=kernel.name)["exit"]["outOfMemory"] is True
    client.ask("remove", kernel=kernel.name)


def test_pages_shared_by_many_kernels_count_once(small: Component) -> None:
    client = small.client()
    kernels = [small.kernel(client) for _ in range(6)]  # 6 x 120 MB by resident size alone
    assert [kernel.run("1+1").text for kernel in kernels] == ["2"] * 6
    assert all(client.ask("stat", kernel=kernel.name)["alive"] for kernel in kernels)
    for kernel in kernels:
        client.ask("remove", kernel=kernel.name)


def test_a_kernel_with_too_many_tasks_is_ended(small: Component) -> None:
    client = small.client()
    kernel = small.kernel(client)
    kernel.send(
        "import threading\nfor _ in range(200): threading.Thread(target=threading.Event().wait).start()"
    )
    exited = client.wait_for("exited", kernel=kernel.name)
    assert (exited["exit"]["outOfMemory"], exited["exit"]["tooManyTasks"]) == (False, True)
    client.ask("remove", kernel=kernel.name)


def test_a_fork_bomb_is_ended(small: Component) -> None:
    client = small.client()
    kernel = small.kernel(client)
    kernel.send("import os, time\nfor _ in range(10):\n    os.fork()\n    time.sleep(0.01)\ntime.sleep(30)")
    assert client.wait_for("exited", kernel=kernel.name)["exit"]["tooManyTasks"] is True
    assert client.ask("remove", kernel=kernel.name)["ok"]
    other = small.kernel(client)
    assert other.run("1+1").text == "2"
