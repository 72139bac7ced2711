import os
import signal
import subprocess

import pytest

from grad_runner.kernel.process_table import (
    STRAY,
    Process,
    attribute,
    newest_pid,
    parse_stat,
    read_descendants,
    read_process,
    read_processes,
)

SUPERVISOR, LAUNCHER, KERNEL = 10, 11, 20
STAT = b"123 (a) b (c) S 7 8 9 0 -1 4194560 1 2 3 4 50 25 10 15 20 0 6 0 777 1000 88 0 " + b"0 " * 25


def process(
    pid: int, parent: int, session: int | None = None, *, zombie: bool = False, started: int = 1
) -> Process:
    return Process(pid, parent, pid if session is None else session, started, 1, 0, 0, zombie, 0)


def owners(*processes: Process, remembered: dict[tuple[int, int], str] | None = None) -> dict[int, str]:
    base = [process(SUPERVISOR, 1), process(LAUNCHER, SUPERVISOR), process(1, 0)]
    table = {each.pid: each for each in (*base, *processes)}
    return attribute(table, {KERNEL: "k"}, (SUPERVISOR, LAUNCHER), remembered or {})


def test_parse_stat_survives_any_command_name() -> None:
    parsed = parse_stat(STAT)
    assert (parsed.pid, parsed.parent, parsed.session, parsed.threads) == (123, 7, 9, 6)
    assert parsed.cpu_ms == 100 * (1000 // os.sysconf("SC_CLK_TCK"))
    assert parsed.rss_bytes == 88 * os.sysconf("SC_PAGE_SIZE")
    assert parsed.identity == (123, 777)
    assert parsed.faults == 1 + 3
    assert not parsed.zombie


def test_read_processes_finds_this_one() -> None:
    assert read_processes()[os.getpid()].parent == os.getppid()
    assert read_process(2**22 + 1) is None


CASES = [
    (
        "a kernel and its descendants",
        [process(20, 10), process(21, 20), process(22, 21)],
        {20: "k", 21: "k", 22: "k"},
    ),
    ("an orphan of its session", [process(30, 10, 20)], {30: "k"}),
    ("a child of such an orphan", [process(30, 10, 20), process(31, 30)], {30: "k", 31: "k"}),
    ("an orphan of its own session", [process(30, 10)], {30: STRAY}),
    ("and its child", [process(30, 10), process(31, 30)], {30: STRAY, 31: STRAY}),
    ("the intermediate process of a fork", [process(30, 11, 11)], {}),
    ("a zombie", [process(20, 10, zombie=True)], {}),
    ("a process of another program", [process(40, 1)], {}),
    ("a table that was torn while read", [process(40, 41), process(41, 40)], {}),
]


@pytest.mark.parametrize(("name", "processes", "want"), CASES, ids=[case[0] for case in CASES])
def test_attribute(name: str, processes: list[Process], want: dict[int, str]) -> None:
    assert owners(*processes) == want


def test_attribute_remembers_a_process_by_pid_and_start() -> None:
    assert owners(process(30, 10, started=5), remembered={(30, 5): "k"}) == {30: "k"}
    assert owners(process(30, 10, started=6), remembered={(30, 5): "k"}) == {30: STRAY}


def test_read_descendants_finds_children_of_children_and_newest_pid_changes_with_them() -> None:
    before = newest_pid()
    with subprocess.Popen(["sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None
        sleeper = int(shell.stdout.readline())
        assert {process.pid for process in read_descendants(os.getpid())} >= {shell.pid, sleeper}
        assert newest_pid() != before
        os.kill(sleeper, signal.SIGKILL)
    assert shell.pid not in {process.pid for process in read_descendants(os.getpid())}
