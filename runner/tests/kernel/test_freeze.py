"""Stopping all other processes of a pid namespace."""

import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from grad_runner.kernel import freeze
from grad_runner.kernel.freeze import Freezer, can_freeze

# Runs as pid 1: children count in a shared array, and must stand still while they are frozen.
SCRIPT = """
import mmap, os, struct, time
from grad_runner.kernel.freeze import Freezer, are_many, can_freeze
assert can_freeze() and not are_many()
shared = mmap.mmap(-1, 4096)
def counts(): return [struct.unpack_from("Q", shared, 8 * n)[0] for n in range(3)]
def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)
def states():
    return [open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] for pid in children]
children = []
for n in range(3):
    pid = os.fork()
    if pid == 0:
        while True: struct.pack_into("Q", shared, 8 * n, counts()[n] + 1)
    children.append(pid)
wait_until(lambda: all(counts()))
freezer = Freezer()
with freezer.frozen():
    with freezer.frozen(): pass
    wait_until(lambda: states() == ["T", "T", "T"])
    before = counts()
    for _ in range(1000): assert counts() == before
wait_until(lambda: all(now > then for now, then in zip(counts(), before)))
for pid in children: os.kill(pid, 9); os.waitpid(pid, 0)
with freezer.frozen(): pass
print("fine")
"""


def test_frozen_stops_all_others_and_lets_them_go_on() -> None:
    namespaces = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]
    ran = subprocess.run(
        [*namespaces, sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert (ran.stdout, ran.returncode) == ("fine\n", 0), ran.stderr


def test_a_process_that_is_not_the_first_freezes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not can_freeze()
    monkeypatch.setattr(freeze, "_signal_all", lambda number: pytest.fail("signalled"))
    with Freezer().frozen():
        pass
    assert isinstance(Freezer().frozen_if_many(), nullcontext)
    assert isinstance(Freezer().frozen_if_crowded(), nullcontext)


@pytest.mark.parametrize(
    ("many", "crowded", "look", "end"),
    [(True, True, True, True), (True, False, False, True), (False, True, False, False)],
)
def test_when_processes_are_frozen(
    monkeypatch: pytest.MonkeyPatch, many: bool, crowded: bool, look: bool, end: bool
) -> None:
    monkeypatch.setattr(freeze, "are_many", lambda: many)
    monkeypatch.setattr(freeze, "is_crowded", lambda: crowded)
    freezer = Freezer(can=True)
    assert isinstance(freezer.frozen_if_crowded(), nullcontext) is not look
    assert isinstance(freezer.frozen_if_many(), nullcontext) is not end


def test_what_counts_as_many_and_crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeze, "MANY_PROCESSES", 0)
    assert freeze.are_many()
    monkeypatch.setattr(freeze, "CROWDED_PER_CPU", 0)
    assert freeze.is_crowded()  # this process runs
    monkeypatch.setattr(freeze, "CROWDED_PER_CPU", 10**9)
    assert not freeze.is_crowded()
