"""The system's own bound of tasks, in a user namespace of its own and outside of one."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from grad_runner.kernel.task_bound import bound_for, bound_tasks

PLAIN_USER = 61_235  # of no other test: the system counts the tasks of a user

# Keeps `others` processes of the user, then has `wanted` more made by a process with the bound, below what `argv` starts.
SCRIPT = """
import json, os, subprocess, sys
if os.getuid() == 0:
    os.setgroups([]); os.setresgid(USER, USER, USER); os.setresuid(USER, USER, USER)
os.chdir("/")
others = [subprocess.Popen(["sleep", "60"]) for _ in range(int(sys.argv[1]))]
answer = subprocess.run(sys.argv[2:], capture_output=True, text=True)
for process in others: process.kill(); process.wait()
print(answer.stdout); sys.stderr.write(answer.stderr)
""".replace("USER", str(PLAIN_USER))

FORKS = """
import json, os, signal, sys
SOURCE
bound_tasks(int(sys.argv[1]))
children = []
try:
    for _ in range(int(sys.argv[2])):
        child = os.fork()
        if child == 0: signal.pause()
        children.append(child)
except BlockingIOError: pass
for child in children: os.kill(child, 9); os.waitpid(child, 0)
print(json.dumps(len(children)))
"""


def forks(*, others: int, bound: int, wanted: int, namespace: bool) -> int:
    """How many of `wanted` children a process with the bound gets, while its user has `others` more processes."""
    # Its source is given as text: a plain user may not read the files of root's tests.
    module = Path(sys.modules[bound_tasks.__module__].__file__ or "").read_text()
    code = FORKS.replace("SOURCE", module)
    wrapper = ["unshare", "--user"] if namespace else []
    argv = [*wrapper, "/usr/bin/python3", "-c", code, str(bound), str(wanted)]
    ran = subprocess.run(
        ["/usr/bin/python3", "-c", SCRIPT, str(others), *argv], capture_output=True, text=True, timeout=60
    )
    assert ran.stdout.strip(), ran.stderr
    return int(json.loads(ran.stdout))


def test_below_a_user_namespace_the_component_s_tasks_alone_count() -> None:
    assert forks(others=40, bound=30, wanted=20, namespace=True) == 20
    # The process itself is one of the thirty.
    assert forks(others=40, bound=30, wanted=60, namespace=True) == 29


def test_without_a_namespace_of_its_own_other_programs_of_the_user_count() -> None:
    assert forks(others=40, bound=30, wanted=20, namespace=False) == 0


def test_no_bound_is_set_for_0_and_a_lower_one_stays() -> None:
    child = os.fork()
    if child == 0:
        before = resource.getrlimit(resource.RLIMIT_NPROC)
        bound_tasks(0)
        unchanged = resource.getrlimit(resource.RLIMIT_NPROC) == before
        bound_tasks(1_000)
        bound_tasks(2_000)
        os._exit(0 if unchanged and resource.getrlimit(resource.RLIMIT_NPROC) == (1_000, 1_000) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(("max_tasks", "bound"), [(2_048, 2_304), (100, 116), (8, 24)])
def test_the_bound_leaves_the_watchdog_something_to_see(max_tasks: int, bound: int) -> None:
    assert bound_for(max_tasks) == bound
