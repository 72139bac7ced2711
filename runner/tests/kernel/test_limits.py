"""The component's limits on memory and tasks, with real kernels that exceed them."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from .component import Component, component_in, wait_until

MIB = 1024 * 1024
LIMIT_BYTES = 600 * MIB


@pytest.fixture(scope="module")
def small() -> Iterator[Component]:
    options = ("--memory-bytes", str(LIMIT_BYTES), "--max-tasks", "120")
    with TemporaryDirectory(prefix="gk-") as folder, component_in(Path(folder), *options) as made:
        yield made


GROWS = "blocks = []\nprint('on')\nwhile True: blocks.append(b'x' * 5_000_000)"


def test_only_the_kernel_that_takes_the_memory_is_ended(small: Component) -> None:
    client = small.client()
    good, greedy = small.kernel(client), small.kernel(client)
    good.run("x = b'x' * 50_000_000")
    # As the agent reports it: else a kernel that waited 5 s for a busy machine counts as idle, and is evicted.
    client.ask("executionStarted", kernel=greedy.name)
    greedy.send(GROWS)
    exited = client.wait_for("exited", kernel=greedy.name)
    assert exited["exit"] == {
        "code": None,
        "signal": "KILL",
        "outOfMemory": True,
        "tooManyTasks": False,
        "evicted": False,
    }
    assert greedy.output("stdout") == "on\n"
    assert client.ask("stat", kernel=greedy.name)["peakRssBytes"] < LIMIT_BYTES * 1.5
    assert good.run("len(x)").text == "50000000"
    for kernel in (good, greedy):
        client.ask("remove", kernel=kernel.name)


def test_the_system_ends_kernels_before_everything_else_of_the_component(small: Component) -> None:
    """Whatever the value that the supervisor begins with: in a pod it is nearly the most that there is."""
    client = small.client()
    kernel = small.kernel(client)
    assert kernel.run("int(open('/proc/self/oom_score_adj').read())").text == "1000"
    client.ask("remove", kernel=kernel.name)


def test_a_kernel_that_takes_gigabytes_a_second_is_ended_in_time(
    small: Component,
) -> None:
    client = small.client()
    kernel = small.kernel(client)
    # Two threads that fault in pages without holding the interpreter's lock: some GB a second.
    client.ask("executionStarted", kernel=kernel.name)
    kernel.send(
        "import mmap, numpy, threading\n"
        "def take():\n"
        "    while True: blocks.append(numpy.ones(4_000_000))\n"
        "blocks = []\n"
        "for _ in range(2): threading.Thread(target=take).start()\n"
    )
    assert client.wait_for("exited", kernel=kernel.name)["exit"]["outOfMemory"] is True
    assert client.ask("stat", kernel=kernel.name)["peakRssBytes"] < LIMIT_BYTES + 2048 * MIB
    client.ask("remove", kernel=kernel.name)


def test_a_thread_that_takes_memory_while_the_kernel_is_idle_is_ended_in_time(small: Component) -> None:
    client = small.client()
    kernel = small.kernel(client)
    kernel.run(
        "import os, threading, time\n"
        "def take():\n"
        "    while not os.path.exists('begin'): time.sleep(0.05)\n"
        "    while True: blocks.append(b'x' * 5_000_000)\n"
        "blocks = []\n"
        "threading.Thread(target=take).start()"
    )
    # The supervisor probes seldom by then.
    wait_until(lambda: client.ask("stat", kernel=kernel.name)["idleMs"] > 3000, 20)
    (small.workspace / "begin").touch()
    assert client.wait_for("exited", kernel=kernel.name)["exit"]["outOfMemory"] is True
    assert client.ask("stat", kernel=kernel.name)["peakRssBytes"] < LIMIT_BYTES * 2
    client.ask("remove", kernel=kernel.name)


def test_the_longest_idle_kernel_is_ended_before_one_that_runs(small: Component) -> None:
    client = small.client()
    first, second = small.kernel(client), small.kernel(client)
    for kernel in (first, second):
        client.ask("executionStarted", kernel=kernel.name)
        kernel.run("x = b'x' * 150_000_000")
        client.ask("executionEnded", kernel=kernel.name)
    wait_until(lambda: client.ask("stat", kernel=second.name)["idleMs"] > 5000, 20)
    needy = small.kernel(client)
    client.ask("executionStarted", kernel=needy.name)
    # Slowly: what grows faster than idle kernels can give is ended itself.
    needy.send(
        "import time\nblocks = []\nfor _ in range(20):\n    blocks.append(b'x' * 10_000_000)\n    time.sleep(0.2)"
    )
    exited = client.wait_for("exited")
    assert exited["kernel"] == first.name
    assert exited["exit"] == {
        "code": None,
        "signal": "KILL",
        "outOfMemory": False,
        "tooManyTasks": False,
        "evicted": True,
    }
    assert needy.run("len(blocks)").text == "20"
    assert second.run("len(x)").text == "150000000"
    for kernel in (first, second, needy):
        client.ask("remove", kernel=kernel.name)


def test_memory_of_a_child_process_counts(small: Component) -> None:
    client = small.client()
    kernel = small.kernel(client)
    grows = "b = []\nwhile True: b.append(b'x' * 5_000_000)"
    client.ask("executionStarted", kernel=kernel.name)
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
    client.ask("executionStarted", kernel=kernel.name)
    kernel.send(
        "import threading\nfor _ in range(200): threading.Thread(target=threading.Event().wait).start()"
    )
    exited = client.wait_for("exited", kernel=kernel.name)
    assert (exited["exit"]["outOfMemory"], exited["exit"]["tooManyTasks"]) == (False, True)
    client.ask("remove", kernel=kernel.name)


def test_a_fork_bomb_is_ended(small: Component) -> None:
    client = small.client()
    kernel = small.kernel(client)
    client.ask("executionStarted", kernel=kernel.name)
    kernel.send("import os, time\nfor _ in range(10):\n    os.fork()\n    time.sleep(0.01)\ntime.sleep(30)")
    assert client.wait_for("exited", kernel=kernel.name)["exit"]["tooManyTasks"] is True
    assert client.ask("remove", kernel=kernel.name)["ok"]
    other = small.kernel(client)
    assert other.run("1+1").text == "2"


HOLDS = (
    "import os, time\n"
    "held = os.memfd_create('held')\n"
    "for at in range(0, 1200, 8): os.pwrite(held, b'x' * (8 << 20), at << 20)"
)


def test_a_kernel_that_writes_into_a_memfd_is_ended(small: Component) -> None:
    client = small.client()
    good, greedy = small.kernel(client), small.kernel(client)
    good.run("x = 1")
    client.ask("executionStarted", kernel=greedy.name)
    greedy.send(HOLDS + "\ntime.sleep(60)")
    assert client.wait_for("exited", kernel=greedy.name)["exit"]["outOfMemory"] is True
    assert good.run("x").text == "1"
    for kernel in (good, greedy):
        client.ask("remove", kernel=kernel.name)


def test_a_kernel_that_hides_its_memfd_is_ended(small: Component) -> None:
    client = small.client()
    kernel = small.kernel(client)
    # PR_SET_DUMPABLE: /proc shows the open files of such a process to nobody.
    client.ask("executionStarted", kernel=kernel.name)
    kernel.send("import ctypes\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n" + HOLDS + "\ntime.sleep(60)")
    assert client.wait_for("exited", kernel=kernel.name)["exit"]["outOfMemory"] is True
    client.ask("remove", kernel=kernel.name)


def test_a_memfd_that_grows_after_the_execution_is_found(small: Component) -> None:
    client = small.client()
    kernel = small.kernel(client)
    kernel.run(
        "import os, threading, time\n"
        "def fill():\n"
        "    while not os.path.exists('fill'): time.sleep(0.05)\n"
        "    for at in range(0, 1200, 8): os.pwrite(held, b'x' * (8 << 20), at << 20)\n"
        "held = os.memfd_create('held')\n"
        "threading.Thread(target=fill).start()"
    )
    wait_until(lambda: client.ask("stat", kernel=kernel.name)["idleMs"] > 1000, 20)
    (small.workspace / "fill").touch()
    exited = client.wait_for("exited", kernel=kernel.name)["exit"]
    assert exited["outOfMemory"] or exited["evicted"], exited
    client.ask("remove", kernel=kernel.name)
