"""The init as grad starts it: real namespaces, real processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.init.init_process import RUNNER_ROOT, Kept, keeping, within

SLEEP = ("sleep", "60")
NOTES_TERM = ("sh", "-c", "trap 'date +%s%N; exit 0' TERM; echo up; while :; do sleep 0.02; done")
DEAF = ("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.02; done")
MOUNTS_AND_SLEEPS = (
    "sh",
    "-c",
    'mkdir -p "$FOLDER/data/set" && mount -t tmpfs set "$FOLDER/data/set" && echo mounted;'
    ' cd "$FOLDER/data/set"; sleep 60',
)


def ended(kept: Kept) -> int:
    return kept.process.wait(10)


def test_status_reports_each_component() -> None:
    with keeping({"data": SLEEP, "kernel": SLEEP, "agent": SLEEP}) as kept:
        status = kept.ask({"op": "status"})
        assert (status["ok"], status["runner"], status["pid"]) == (True, "rtest", 1)
        assert list(status["components"]) == ["data", "kernel", "agent"]
        for component in status["components"].values():
            assert component == {"pid": component["pid"], "restarts": 0, "lastExit": None, "alive": True}


@pytest.mark.parametrize(
    "line",
    [b"no json", b"[]", b'{"op":"dance"}', b'{"op":"stop","graceMs":-1}', b'{"op":"stop","graceMs":"1"}'],
)
def test_control_refuses_what_it_does_not_know_and_goes_on(line: bytes) -> None:
    with keeping({"data": SLEEP}) as kept:
        answer = kept.ask(line)
        assert answer["ok"] is False and answer["error"]["code"] == "invalid_argument"
        assert kept.component("data")["alive"]


def test_spawn_gives_exactly_the_environment_no_stdin_and_a_group_of_its_own() -> None:
    code = (
        "import os, time;"
        "print(sorted(os.environ), os.read(0, 1), os.getpgid(0) == os.getpid(), os.getcwd(), flush=True);"
        "time.sleep(60)"
    )
    with keeping({"data": (sys.executable, "-c", code)}) as kept:
        assert within(5, lambda: kept.log("data")).strip() in (
            "['FOLDER', 'PATH'] b'' True /",
            "['FOLDER', 'LC_CTYPE', 'PATH'] b'' True /",  # Python's own, where no locale is set
        )


def test_reap_starts_a_component_again_without_its_leftovers_or_its_stale_socket() -> None:
    script = (
        'test -e "$FOLDER/data.sock" && echo stale; : > "$FOLDER/data.sock"; echo up;'
        ' test -e "$FOLDER/once" && exec sleep 60;'
        ' : > "$FOLDER/once"; sh -c \'while :; do : > "$FOLDER/leftover"; sleep 0.02; done\' &'
        " sleep 0.2; kill -KILL $$"
    )
    with keeping({"data": ("sh", "-c", script), "kernel": SLEEP}) as kept:
        within(5, lambda: kept.component("data")["restarts"] == 1 and kept.component("data")["alive"])
        assert kept.component("data")["lastExit"] == -9
        assert kept.component("kernel")["restarts"] == 0
        within(5, lambda: kept.log("data").count("up") == 2)
        assert "stale" not in kept.log("data")
        (kept.folder / "leftover").unlink()
        time.sleep(0.1)  # five of its turns
        assert not (kept.folder / "leftover").exists()


def test_start_goes_on_with_the_others_when_a_component_cannot_start() -> None:
    with keeping({"data": ("/no/such/program",), "agent": SLEEP}) as kept:
        within(5, lambda: kept.component("data")["restarts"] >= 2)
        assert (kept.component("data")["lastExit"], kept.component("data")["alive"]) == (127, False)
        assert kept.component("agent")["alive"]
        assert "component.not_started" in kept.log("init")


def test_stop_ends_kernel_then_agent_then_data_and_exits_zero() -> None:
    with keeping({"data": NOTES_TERM, "kernel": NOTES_TERM, "agent": NOTES_TERM}) as kept:
        within(5, lambda: all(kept.log(component) for component in ("data", "kernel", "agent")))
        assert kept.ask({"op": "stop", "graceMs": 3000}) == {"ok": True}
        assert ended(kept) == 0
        kernel, agent, data = (
            int(kept.log(component).split()[1]) for component in ("kernel", "agent", "data")
        )
        assert kernel < agent < data


def test_stop_kills_a_component_that_is_deaf_after_the_grace() -> None:
    with keeping({"data": DEAF}) as kept:
        within(5, lambda: kept.log("data"))
        began = time.monotonic()
        assert kept.ask({"op": "stop", "graceMs": 200}) == {"ok": True}
        assert 0.2 <= time.monotonic() - began < 5
        assert ended(kept) == 0


def test_stop_unmounts_what_the_data_component_mounted() -> None:
    with keeping({"data": MOUNTS_AND_SLEEPS}) as kept:
        within(5, lambda: "mounted" in kept.log("data"))
        assert str(kept.folder) not in Path("/proc/self/mountinfo").read_text()
        assert kept.ask({"op": "stop", "graceMs": 500}) == {"ok": True}
        assert ended(kept) == 0


def test_sigterm_stops_like_the_request() -> None:
    with keeping({"data": NOTES_TERM}) as kept:
        within(5, lambda: kept.log("data"))
        os.kill(kept.pid, signal.SIGTERM)
        assert ended(kept) == 0
        assert len(kept.log("data").split()) == 2


def test_sigkill_of_the_outermost_process_ends_every_component() -> None:
    beat = ("setsid", "sh", "-c", 'while :; do : > "$FOLDER/beat"; sleep 0.02; done')
    with keeping({"kernel": beat}) as kept:
        within(5, lambda: (kept.folder / "beat").exists())
        kept.process.kill()
        kept.process.wait(10)
        time.sleep(0.2)
        (kept.folder / "beat").unlink()
        time.sleep(0.1)
        assert not (kept.folder / "beat").exists()


def test_share_folder_lets_a_sandbox_that_runs_already_see_later_mounts() -> None:
    sandbox = (
        "bwrap --unshare-all --die-with-parent --ro-bind / / --dev /dev --proc /proc"
        " --ro-bind $FOLDER/data /mnt"
        " sh -c 'echo up; while :; do ls /mnt/set 2>&-; sleep 0.05; done'"
    )
    late = "sleep 0.5; cd $FOLDER/data && mkdir set && mount -t tmpfs set set && : > set/hello; sleep 60"
    with keeping({"data": ("sh", "-c", late), "kernel": ("sh", "-c", sandbox)}) as kept:
        within(10, lambda: "hello" in kept.log("kernel"))
        assert kept.log("kernel").startswith("up\n")


def test_main_refuses_to_be_anything_but_the_first_process() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grad_runner.init", "/dev/null"],
        cwd=RUNNER_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "first process of a pid namespace" in done.stderr
