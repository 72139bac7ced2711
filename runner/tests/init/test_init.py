"""The init as grad starts it, in real namespaces with real processes."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.init.init_process import RUNNER_ROOT, RunningInit, running_init, within

SLEEP = ("sleep", "60")
NOTES_TERM = ("sh", "-c", "trap 'date +%s%N; exit 0' TERM; echo up; while :; do sleep 0.02; done")
IGNORES_TERM = ("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.02; done")
MOUNTS_AND_SLEEPS = (
    "sh",
    "-c",
    'mkdir -p "$FOLDER/data/set" && mount -t tmpfs set "$FOLDER/data/set" && echo mounted;'
    ' cd "$FOLDER/data/set"; sleep 60',
)


def processes_with(variable: str) -> list[int]:
    """Running processes of any namespace whose environment has `name=value`."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or is another user's
            if variable.encode() in environ.read_bytes().split(b"\0"):
                found.append(int(environ.parent.name))
    return found


def ended(init: RunningInit) -> int:
    return init.process.wait(60)


def test_status_reports_each_component() -> None:
    with running_init({"data": SLEEP, "kernel": SLEEP, "agent": SLEEP}) as init:
        status = init.ask({"op": "status"})
        assert (status["ok"], status["runner"], status["pid"]) == (True, "rtest", 1)
        assert list(status["components"]) == ["data", "kernel", "agent"]
        for component in status["components"].values():
            assert component == {"pid": component["pid"], "restarts": 0, "lastExit": None, "alive": True}


@pytest.mark.parametrize(
    "line",
    [b"no json", b"[]", b'{"op":"dance"}', b'{"op":"stop","graceMs":-1}', b'{"op":"stop","graceMs":"1"}'],
)
def test_control_refuses_an_unknown_request_and_serves_on(line: bytes) -> None:
    with running_init({"data": SLEEP}) as init:
        answer = init.ask(line)
        assert answer["ok"] is False and answer["error"]["code"] == "invalid_argument"
        assert init.component("data")["alive"]


def test_spawn_gives_exactly_the_environment_no_stdin_and_a_group_of_its_own() -> None:
    code = (
        "import os, time;"
        "print(sorted(os.environ), os.read(0, 1), os.getpgid(0) == os.getpid(), os.getcwd(), flush=True);"
        "time.sleep(60)"
    )
    with running_init({"data": (sys.executable, "-c", code)}) as init:
        assert within(60, lambda: init.log("data")).strip() in (
            "['FOLDER', 'PATH'] b'' True /",
            "['FOLDER', 'LC_CTYPE', 'PATH'] b'' True /",  # Python's own, where no locale is set
        )


def test_reap_restarts_a_component_after_killing_its_children_and_removing_its_socket() -> None:
    script = (
        'test -e "$FOLDER/data.sock" && echo stale; : > "$FOLDER/data.sock"; echo up;'
        ' test -e "$FOLDER/once" && exec sleep 60;'
        ' : > "$FOLDER/once"; sh -c \'while :; do : > "$FOLDER/leftover"; sleep 0.02; done\' &'
        ' until test -e "$FOLDER/leftover"; do sleep 0.02; done; kill -KILL $$'
    )
    with running_init({"data": ("sh", "-c", script), "kernel": SLEEP}) as init:
        within(60, lambda: init.component("data")["restarts"] == 1 and init.component("data")["alive"])
        assert init.component("data")["lastExit"] == -9
        assert init.component("kernel")["restarts"] == 0
        within(60, lambda: init.log("data").count("up") == 2)
        assert "stale" not in init.log("data")
        assert init.inside("pgrep", "-f", "leftover").stdout == ""


def test_start_starts_the_other_components_when_one_cannot_start() -> None:
    with running_init({"data": ("/no/such/program",), "agent": SLEEP}) as init:
        within(60, lambda: init.component("data")["restarts"] >= 2)
        assert (init.component("data")["lastExit"], init.component("data")["alive"]) == (127, False)
        assert init.component("agent")["alive"]
        assert "component.not_started" in init.log("init")


def test_stop_ends_kernel_then_agent_then_data_and_exits_zero() -> None:
    with running_init({"data": NOTES_TERM, "kernel": NOTES_TERM, "agent": NOTES_TERM}) as init:
        within(60, lambda: all(init.log(component) for component in ("data", "kernel", "agent")))
        assert init.ask({"op": "stop", "graceMs": 30_000}) == {"ok": True}
        assert ended(init) == 0
        kernel, agent, data = (
            int(init.log(component).split()[1]) for component in ("kernel", "agent", "data")
        )
        assert kernel < agent < data


def test_stop_kills_a_component_that_ignores_sigterm_after_the_grace() -> None:
    with running_init({"data": IGNORES_TERM}) as init:
        within(60, lambda: init.log("data"))
        began = time.monotonic()
        assert init.ask({"op": "stop", "graceMs": 200}) == {"ok": True}
        assert time.monotonic() - began >= 0.2
        assert ended(init) == 0


def test_stop_unmounts_what_the_data_component_mounted() -> None:
    with running_init({"data": MOUNTS_AND_SLEEPS}) as init:
        within(60, lambda: "mounted" in init.log("data"))
        assert str(init.folder) not in Path("/proc/self/mountinfo").read_text()
        assert init.ask({"op": "stop", "graceMs": 500}) == {"ok": True}
        assert ended(init) == 0


def test_sigterm_stops_the_init_as_the_request_does() -> None:
    with running_init({"data": NOTES_TERM}) as init:
        within(60, lambda: init.log("data"))
        os.kill(init.pid, signal.SIGTERM)
        assert ended(init) == 0
        assert len(init.log("data").split()) == 2


def test_sigkill_of_the_outermost_process_ends_every_component() -> None:
    beat = ("setsid", "sh", "-c", 'while :; do : > "$FOLDER/beat"; sleep 0.02; done')
    with running_init({"kernel": beat}) as init:
        within(60, lambda: (init.folder / "beat").exists())
        assert processes_with(f"FOLDER={init.folder}")
        init.process.kill()
        init.process.wait(60)
        within(60, lambda: not processes_with(f"FOLDER={init.folder}"))


def test_share_folder_shows_later_mounts_in_a_sandbox_that_is_already_running() -> None:
    sandbox = (
        "bwrap --unshare-all --die-with-parent --ro-bind / / --dev /dev --proc /proc"
        " --ro-bind $FOLDER/data /mnt"
        " sh -c 'echo up; while :; do ls /mnt/set 2>&-; sleep 0.05; done'"
    )
    late = (
        "until grep -q up $FOLDER/kernel.log; do sleep 0.02; done;"
        " cd $FOLDER/data && mkdir set && mount -t tmpfs set set && : > set/hello; sleep 60"
    )
    with running_init({"data": ("sh", "-c", late), "kernel": ("sh", "-c", sandbox)}) as init:
        within(60, lambda: "hello" in init.log("kernel"))
        assert init.log("kernel").startswith("up\n")


def test_main_refuses_to_run_unless_it_is_pid_1() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grad_runner.init", "/dev/null"],
        cwd=RUNNER_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "first process of a pid namespace" in done.stderr


def test_a_bound_folder_is_seen_by_components_and_not_on_the_machine() -> None:
    write = ("sh", "-c", "echo here > $FOLDER/kernel/file; echo up; sleep 60")
    with running_init({"kernel": write}) as init:
        within(60, lambda: "up" in init.log("kernel"))
        assert (init.folder / "kernel-files/file").read_text() == "here\n"
        assert list((init.folder / "kernel").iterdir()) == []


def test_no_component_has_a_descriptor_of_its_log() -> None:
    show = ("sh", "-c", "readlink /proc/self/fd/1 /proc/self/fd/2; echo error >&2; sleep 60")
    with running_init({"kernel": show}) as init:
        lines = within(60, lambda: text if "error" in (text := init.log("kernel")) else None).split()
        assert [line.partition(":")[0] for line in lines] == ["pipe", "pipe", "error"]
        assert lines[0] != lines[1]
