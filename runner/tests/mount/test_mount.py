"""The only privileged code of a runner's pod: what it mounts, what it refuses, and that nobody leads it to mount elsewhere."""

import contextlib
import functools
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from grad_runner.mount.mounter import MAX_MOUNTS
from tests.init.init_process import RUNNER_ROOT, within
from tests.mount.mount_component import MountComponent, mount_component, until_mounts

TRIES = 300
RENAMER = """
import os, sys
root, name, victim = sys.argv[1:]
path, aside = os.path.join(root, name), os.path.join(root, "aside")
print("racing", file=sys.stderr, flush=True)
while True:
    for attack in (
        lambda: os.rename(path, aside),
        lambda: os.symlink(victim, path),
        lambda: os.unlink(path),
        lambda: os.rename(aside, path),
        lambda: os.rename(path, os.path.join(victim, "moved")),
    ):
        try:
            attack()
        except OSError:
            pass
"""


def test_mounts_for_a_dataset_until_its_process_ends() -> None:
    with mount_component() as component:
        mounted = component.mount("sales ro")
        assert mounted.answer == "ok"
        assert os.readlink(f"/proc/self/fd/{mounted.device}") == "/dev/fuse"
        ((point, options),) = component.mounts().items()
        assert point == str(component.root / "sales")
        assert {"ro", "nosuid", "nodev"} <= set(options.split(","))
        mounted.end()
        until_mounts(component, set())
        within(60, lambda: not list(component.root.iterdir()))


def test_a_writable_mount_has_no_devices_and_no_setuid_either() -> None:
    with mount_component() as component:
        mounted = component.mount("sales rw")
        (options,) = component.mounts().values()
        assert {"rw", "nosuid", "nodev"} <= set(options.split(","))
        mounted.end()


def test_another_mount_takes_the_place_and_outlives_the_end_of_the_first() -> None:
    with mount_component() as component:
        first, other = component.mount("sales ro"), component.mount("weather ro")
        second = component.mount("sales ro")
        assert len(component.mounts()) == 2  # and never two at one place
        first.end()
        other.end()
        until_mounts(component, {"sales"})
        second.end()
        until_mounts(component, set())


@pytest.mark.parametrize(
    "request_text",
    [
        "../x ro",
        "a/b ro",
        ". ro",
        ".. ro",
        " ro",
        "Sales ro",
        "-a ro",
        "a\n ro",
        f"{'a' * 41} ro",
        "a xx",
        "a",
        "a ro ro",
        "\xff ro",
    ],
)
def test_refuses_what_is_no_request(request_text: str) -> None:
    with mount_component() as component:
        refused = component.mount(request_text)
        assert refused.answer.startswith("error")
        assert component.mounts() == {}
        refused.end()
        mounted = component.mount("a ro")
        assert mounted.answer == "ok"
        mounted.end()


def test_refuses_a_request_without_its_socket() -> None:
    with mount_component() as component:
        refused = component.mount("a ro", descriptors=0)
        refused.end()
        assert refused.answer.startswith("error")


def test_keeps_no_descriptor_of_requests_that_it_refuses(tmp_path: Path) -> None:
    with mount_component() as component, socket.create_server(("127.0.0.1", 0)) as no_unix_socket:
        before = component.open_descriptors()
        with (tmp_path / "file").open("w") as file:
            for request, descriptor in (
                ("a ro", file.fileno()),
                ("a ro", no_unix_socket.fileno()),
                ("nonsense", file.fileno()),
                ("nonsense", no_unix_socket.fileno()),
            ):
                for _ in range(20):
                    assert component.ask(request, [descriptor]).startswith("error")
        # Its libfuse has ended: the descriptor cannot be handed over, and the mount goes again.
        ours, theirs = socket.socketpair()
        ours.close()
        with theirs:
            assert component.ask("a ro", [theirs.fileno()]).startswith("error")
        assert component.mounts() == {}
        within(60, lambda: component.open_descriptors() == before)


def test_needs_no_more_threads_and_descriptors_however_many_ask() -> None:
    with mount_component() as component, contextlib.ExitStack() as stack:
        before = component.open_descriptors()
        for _ in range(100):
            stack.enter_context(component.connect()).shutdown(socket.SHUT_WR)
        mounted = component.mount("sales ro")
        assert mounted.answer == "ok"
        assert len(list(Path(f"/proc/{component.serving()}/task").iterdir())) == 1
        within(60, lambda: component.open_descriptors() == before + 1)
        mounted.end()
        until_mounts(component, set())


def test_refuses_more_mounts_than_a_runner_has_datasets() -> None:
    with mount_component() as component:
        mounted = [component.mount(f"a{number} ro") for number in range(MAX_MOUNTS)]
        assert all(one.answer == "ok" for one in mounted)
        refused = component.mount("one-more ro")
        assert refused.answer == "error too many mounts"
        refused.end()
        mounted.pop().end()
        until_mounts(component, {f"a{number}" for number in range(MAX_MOUNTS - 1)})
        mounted.append(component.mount("one-more ro"))
        assert mounted[-1].answer == "ok"
        for one in mounted:
            one.end()
        until_mounts(component, set())


def test_a_process_that_was_killed_is_replaced_and_leaves_no_mount() -> None:
    with mount_component() as component:
        for _ in range(3):
            mounted = component.mount("sales ro")
            assert mounted.answer == "ok"
            killed = component.serving()
            os.kill(killed, signal.SIGKILL)
            # The mount goes although the process that serves it lives on, as s3fs does.
            until_mounts(component, set())
            within(60, functools.partial(component.serving_again, killed))
            mounted.end()
        assert component.process.poll() is None
        mounted = component.mount("sales ro")
        assert mounted.answer == "ok"
        assert component.stop() == 0
        assert component.mounts() == {}
        mounted.end()


def test_ends_where_it_cannot_serve(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "grad_runner.mount", str(tmp_path / "absent"), "s", "0", "0"]
    ended = subprocess.run(argv, env={"PYTHONPATH": str(RUNNER_ROOT)}, capture_output=True, timeout=60)
    assert ended.returncode == 1 and b"FileNotFoundError" in ended.stderr


def test_unmounts_everything_when_it_is_stopped() -> None:
    with mount_component() as component:
        mounted = [component.mount(f"{name} ro") for name in ("a", "b")]
        until_mounts(component, {"a", "b"})
        assert component.stop() == 0
        assert component.mounts() == {}
        for one in mounted:
            one.end()


def test_only_its_group_may_ask() -> None:
    with mount_component() as component:
        assert (component.folder / "mount.sock").stat().st_mode & 0o777 == 0o660
        assert component.root.stat().st_mode & 0o777 == 0o755


def _lands_elsewhere(component: MountComponent, seen_at: Path) -> int:
    """How many of TRIES mounts are not where they belong while a process, which sees the root at `seen_at`, renames and links as
    fast as it can."""
    victim = component.folder / "victim"
    victim.mkdir()
    racer = component.inside(sys.executable, "-c", RENAMER, str(seen_at), "sales", str(victim))
    try:
        assert racer.stderr is not None and racer.stderr.readline() == "racing\n"
        elsewhere = 0
        for _ in range(TRIES):
            mounted = component.mount("sales ro")
            elsewhere += any(point != str(component.root / "sales") for point in component.mounts())
            mounted.end()
            subprocess.run(["true"], check=True)  # lets the racer run on a machine with one core
        return elsewhere
    finally:
        racer.kill()
        racer.communicate()


def test_a_race_leads_it_elsewhere_only_where_the_root_can_be_written() -> None:
    with mount_component() as component:
        assert _lands_elsewhere(component, component.root) > 0
    with mount_component() as component:
        view = component.folder / "view"
        view.mkdir()
        for options in (["--bind", str(component.root)], ["-o", "remount,bind,ro"]):
            remount = component.inside("mount", *options, str(view))
            remount.communicate(timeout=60)
            assert remount.returncode == 0
        assert _lands_elsewhere(component, view) == 0
