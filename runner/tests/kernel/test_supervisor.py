"""The supervisor's operations, on a real one."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .component import (
    Component,
    KernelClient,
    SupervisorClient,
    component_in,
    pid_of,
    processes_of_session,
    wait_until,
)


def test_hello_lists_kernelspecs_at_once_and_ready_follows(own_folder: Path) -> None:
    with component_in(own_folder) as component:
        client = component.client()
        hello = client.ask("hello")
        assert (hello["version"], hello["ready"]) == (1, False)
        specs = {spec["name"]: spec for spec in hello["specs"]}
        assert specs["python3"]["forked"] is True
        assert specs["bash"] == {
            "name": "bash",
            "displayName": "Bash",
            "language": "bash",
            "forked": False,
            "interruptMode": "signal",
        }
        # A start does not fail because it comes early.
        kernel = component.kernel(client)
        assert kernel.run("1+1").text == "2"
        assert {"event": "ready"} in client.events
        assert client.ask("hello")["ready"] is True
        assert component.stop() == 0
        assert not (component.folder / "supervisor.sock").exists()


@pytest.mark.parametrize(
    "replace", [Path.mkdir, Path.touch, lambda path: None], ids=["folder", "file", "gone"]
)
def test_a_component_whose_socket_was_taken_away_ends_and_the_next_one_has_a_new_one(
    own_folder: Path, replace: Callable[[Path], None]
) -> None:
    with component_in(own_folder) as component:
        path = component.folder / "supervisor.sock"
        path.unlink()
        replace(path)
        assert component.process is not None
        assert component.process.wait(60) != 0
        path.mkdir(exist_ok=True)
        component.launch()
        assert component.client().ask("hello")["version"] == 1


def test_invalid_requests_are_answered_with_an_error(client: SupervisorClient) -> None:
    assert client.send_line(b"no json", None)["error"]["code"] == "invalid_argument"
    assert client.ask("start", kernel="../x", spec="python3")["error"]["code"] == "invalid_argument"
    assert client.ask("stat", kernel="nobody")["error"]["code"] == "kernel_not_found"
    answer = client.ask("start", kernel="x", spec="cobol")
    assert answer["error"]["code"] == "kernelspec_not_found"
    assert "python3" in answer["error"]["hint"]


def test_start_refuses_a_name_that_is_in_use(kernel: KernelClient, client: SupervisorClient) -> None:
    assert client.ask("start", kernel=kernel.name, spec="python3")["error"]["code"] == "kernel_exists"


def test_stat_counts_the_process_tree_and_an_ended_execution_resets_the_peak(
    kernel: KernelClient, client: SupervisorClient
) -> None:
    kernel.run("x = b'x' * 300_000_000; del x")
    high = client.ask("stat", kernel=kernel.name)
    assert high["alive"] and high["peakRssBytes"] > high["rssBytes"] + 250_000_000
    client.ask("executionEnded", kernel=kernel.name)
    assert client.ask("stat", kernel=kernel.name)["peakRssBytes"] < high["peakRssBytes"] - 250_000_000
    kernel.run("x = b'x' * 200_000_000; del x")  # freed before any probe
    assert client.ask("stat", kernel=kernel.name)["peakRssBytes"] > high["rssBytes"] + 150_000_000
    before = client.ask("stat", kernel=kernel.name)["cpuMs"]
    works = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    kernel.run(works)
    kernel.run(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {works!r}])")
    assert 600 <= client.ask("stat", kernel=kernel.name)["cpuMs"] - before < 2000


def test_list_lets_a_new_client_connect_to_a_kernel(component: Component, client: SupervisorClient) -> None:
    kernel = component.kernel(client)
    kernel.run("x = 5")
    client.close()
    kernel.close()
    again = component.client()
    listed = {each["kernel"]: each for each in again.ask("list")["kernels"]}[kernel.name]
    assert (listed["spec"], listed["forked"], listed["alive"], listed["exit"]) == (
        "python3",
        True,
        True,
        None,
    )
    same = component.connect(kernel.name, listed["key"])
    assert same.run("x").text == "5"
    same.send("import os; os._exit(3)")
    exit = {"code": 3, "signal": None, "outOfMemory": False, "tooManyTasks": False, "evicted": False}
    assert again.wait_for("exited", kernel=kernel.name)["exit"] == exit
    assert [each["exit"] for each in again.ask("list")["kernels"] if each["kernel"] == kernel.name] == [exit]
    assert again.ask("signal", kernel=kernel.name, signal="INT")["error"]["code"] == "kernel_ended"
    again.ask("remove", kernel=kernel.name)


def test_remove_ends_the_processes_and_deletes_the_folder(
    component: Component, client: SupervisorClient
) -> None:
    kernel = component.kernel(client)
    pid = pid_of(kernel)
    kernel.run("import subprocess; subprocess.Popen(['sleep', '300']); !mkdir -p /tmp")
    assert len(processes_of_session(pid)) >= 1
    assert client.ask("remove", kernel=kernel.name)["ok"]
    assert processes_of_session(pid) == []
    assert not kernel.folder.exists()
    assert kernel.name not in [each["kernel"] for each in client.ask("list")["kernels"]]


def test_kill_ends_the_whole_process_tree(component: Component, client: SupervisorClient) -> None:
    kernel = component.kernel(client)
    pid = pid_of(kernel)
    kernel.send("!sleep 300")
    wait_until(lambda: len(processes_of_session(pid)) > 1, 5)
    client.ask("signal", kernel=kernel.name, signal="KILL")
    assert client.wait_for("exited", kernel=kernel.name)["exit"]["signal"] == "KILL"
    wait_until(lambda: processes_of_session(pid) == [], 5)
    client.ask("remove", kernel=kernel.name)


def test_a_kernelspec_that_is_not_forked_starts_and_runs_code(
    component: Component, client: SupervisorClient
) -> None:
    kernel = component.kernel(client, "bash")
    cell = kernel.run("echo hello; pwd")
    text = "".join(content["text"] for kind, content in cell.messages if kind == "stream")
    assert text.split() == ["hello", str(component.workspace)]
    assert (kernel.folder / "stdout").read_text() == ""  # no advice of ipykernel for people at terminals
    assert (kernel.folder / "stderr").exists()
    assert client.ask("stat", kernel=kernel.name)["alive"]
    client.ask("remove", kernel=kernel.name)
    assert not kernel.folder.exists()


def test_many_kernels_start_at_once(component: Component, client: SupervisorClient) -> None:
    others = [component.client() for _ in range(4)]
    for index, other in enumerate(others):
        other._socket.sendall(f'{{"id":9,"op":"start","kernel":"m-{index}","spec":"python3"}}\n'.encode())
    for other in others:
        assert other._next()["ok"]
        other.close()
    for index in range(4):
        assert client.ask("remove", kernel=f"m-{index}")["ok"]


def test_a_killed_launcher_is_restarted_and_its_kernels_go_on(own_folder: Path) -> None:
    with component_in(own_folder) as component:
        client = component.client()
        old = component.kernel(client)
        old.run("x = 1")
        assert component.process is not None
        launcher = next(pid for pid in _children(component.process.pid) if b"launcher" in _command(pid))
        os.kill(launcher, signal.SIGKILL)
        wait_until(lambda: not os.path.exists(f"/proc/{launcher}"), 5)
        assert old.run("x").text == "1"
        client.events.clear()
        new = component.kernel(client)
        assert new.run("1+1").text == "2"
        assert old.run("x").text == "1"
        # Its end is still seen.
        client.ask("signal", kernel=old.name, signal="TERM")
        assert client.wait_for("exited", kernel=old.name)["exit"]["signal"] == "TERM"


@pytest.mark.parametrize("spec", ["python3", "bash"])
def test_kernels_end_with_a_killed_supervisor_and_are_listed_as_lost(own_folder: Path, spec: str) -> None:
    with component_in(own_folder) as component:
        client = component.client()
        kernel = component.kernel(client, spec)
        assert component.process is not None
        children = _children(component.process.pid)
        assert len(children) == 2
        component.stop(signal.SIGKILL)
        wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children), 5)
        component.launch()
        again = component.client()
        (lost,) = again.ask("list")["kernels"]
        assert (lost["kernel"], lost["spec"], lost["forked"], lost["alive"]) == (
            kernel.name,
            spec,
            spec == "python3",
            False,
        )
        assert lost["exit"]["signal"] == "KILL"
        assert again.ask("remove", kernel=kernel.name)["ok"]
        assert not kernel.folder.exists()


def test_sigterm_ends_all_processes(own_folder: Path) -> None:
    with component_in(own_folder) as component:
        kernel = component.kernel(component.client())
        pid = pid_of(kernel)
        kernel.run("import subprocess; subprocess.Popen(['sleep', '300'])")
        assert component.stop() == 0
        wait_until(lambda: processes_of_session(pid) == [], 5)


def _children(pid: int) -> list[int]:
    listing = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listing.stdout.split()]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
