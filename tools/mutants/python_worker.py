"""Runs pytest again and again, each time in a fork of this process, which has imported the libraries already.

python_worker.py FOLDER reads one JSON object per line from standard input, {"tests": [...], "timeoutMs": N}, runs those tests in
FOLDER (a copy of runner/), and answers on standard output with {"outcome": "passed" | "failed" | "timeout", "ms": N}.
"""

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

# What tests and modules import, and what is slow. Nothing of grad_runner: each fork imports that anew, with its fault.
import google.protobuf.message  # noqa: F401
import grpc.aio  # noqa: F401
import hypothesis.strategies  # noqa: F401
import pytest
import zmq.asyncio  # noqa: F401


def _tests(folder: Path, tests: list[str], log: Path) -> int:
    """In the fork: the tests' exit code."""
    os.setsid()
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    options = ["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "--hypothesis-profile=mutants"]
    try:
        return int(pytest.main([*options, *tests]))
    except Exception:  # noqa: BLE001 - whatever it is, the fork must report it and end
        traceback.print_exc()
        return 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def run(folder: Path, tests: list[str], timeout_ms: int, log: Path) -> str:
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = _tests(folder, tests, log)
        finally:
            os._exit(code)
    ends_at = time.monotonic() + timeout_ms / 1000
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended == pid:
            break
        if time.monotonic() > ends_at:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return "timeout"
        time.sleep(0.01)
    # What the tests started and left, in their session.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return "passed" if os.waitstatus_to_exitcode(status) == 0 else "failed"


def main() -> None:
    folder = Path(sys.argv[1])
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    for line in sys.stdin:
        asked = json.loads(line)
        started = time.monotonic()
        outcome = run(folder, asked["tests"], asked["timeoutMs"], folder / "pytest.log")
        print(json.dumps({"outcome": outcome, "ms": round((time.monotonic() - started) * 1000)}), flush=True)


main()
