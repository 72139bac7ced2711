"""A trusted process leaves no copy of its memory behind. Core files are looked for by the system's own word, WCOREDUMP."""

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from grad_runner.common.protection import protect_process


def killed_child(prepare: Callable[[], None], folder: Path) -> int:
    """The wait status of a child that did `prepare` in `folder` and was ended by SIGQUIT."""
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        # Ignored where a shell runs the tests in the background.
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        prepare()
        os.kill(os.getpid(), signal.SIGQUIT)
        os._exit(1)
    return os.waitpid(pid, 0)[1]


def allow_core_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def allow_then_protect() -> None:
    allow_core_files()
    protect_process()


def allow_then_make_undumpable() -> None:
    """The second protection alone: it also holds where a core is piped to a program, which no limit stops."""
    protect_process()
    allow_core_files()


def test_a_protected_process_writes_no_core_file(tmp_path: Path) -> None:
    if resource.getrlimit(resource.RLIMIT_CORE)[1] != 0:  # else the machine forbids them to everybody
        assert os.WCOREDUMP(killed_child(allow_core_files, tmp_path))
    status = killed_child(allow_then_protect, tmp_path)
    assert os.WTERMSIG(status) == signal.SIGQUIT
    assert not os.WCOREDUMP(status)


def test_what_a_protected_process_starts_writes_none_either(tmp_path: Path) -> None:
    def protect_and_start() -> None:
        allow_then_protect()
        status = os.spawnlp(os.P_WAIT, "sh", "sh", "-c", "test $(ulimit -H -c) = 0")
        os._exit(status)

    status = killed_child(protect_and_start, tmp_path)
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("name", ["environ", "mem", "maps"])
def test_the_memory_of_a_protected_process_belongs_to_root(name: str) -> None:
    """Files below /proc of a process that is not dumpable have root as their owner, so that its own user cannot open them."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        if os.getuid() == 0:
            os.setuid(65534)
        protect_process()
        os.write(told, b"x")
        signal.pause()
    try:
        os.read(ready, 1)
        assert os.stat(f"/proc/{pid}/{name}").st_uid == 0
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        os.close(told)
