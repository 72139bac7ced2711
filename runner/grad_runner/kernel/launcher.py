"""The launcher: imports the libraries once, then forks a kernel for each request that comes over its link.

It stays single-threaded and never runs user code. Each kernel is forked through an intermediate process that ends at once, so
that the supervisor adopts it: kernels survive this process, and the system notifies the supervisor when they end.
"""

import argparse
import gc
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grad_runner.kernel.close_errors import report_close_errors
from grad_runner.kernel.duckdb_limits import add_resource_options, duckdb_config, resources_of
from grad_runner.kernel.kernels import PORTS
from grad_runner.kernel.launcher_link import MAX_MESSAGE_BYTES
from grad_runner.kernel.outputs import redirect_to_files
from grad_runner.kernel.prctl import die_with_parent, line_buffer_c_stdout
from grad_runner.kernel.process_table import KERNEL_VARIABLE
from grad_runner.kernel.task_bound import bound_tasks

if TYPE_CHECKING:
    from grad_runner.kernel.application import ForkedApp


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m grad_runner.kernel.launcher", description="Forks kernels."
    )
    parser.add_argument("--fd", type=int, required=True, help="the link to the supervisor")
    parser.add_argument("--supervisor", type=int, required=True, help="its pid")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, required=True, help="folder for settings and caches")
    add_resource_options(parser)
    parser.add_argument("--task-bound", type=int, default=0, help="of user code; see task_bound.py")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    began = time.monotonic()
    app = warm_app(options.scratch)
    sys.stderr.write(f"launcher.ready ms={1000 * (time.monotonic() - began):.0f}\n")
    with socket.socket(fileno=options.fd) as link:
        os.set_inheritable(link.fileno(), False)
        _send(link, event="ready")
        while data := link.recv(MAX_MESSAGE_BYTES):
            _fork_kernel(app, link, json.loads(data), options)


def warm_app(scratch: Path) -> "ForkedApp":
    """Does everything that can be done once, before the forks."""
    os.environ.update(
        IPYTHONDIR=str(scratch / "ipython"), MPLBACKEND="module://matplotlib_inline.backend_inline"
    )
    line_buffer_c_stdout()
    report_close_errors()
    from grad_runner.kernel import warm_up

    warm_up.import_libraries(scratch / "mpl")
    warm_up.without_debugger()
    from grad_runner.kernel.application import CONFIG, ForkedApp
    from grad_runner.kernel.shell import ForkedKernel

    ForkedKernel.duckdb.watch()
    app = ForkedApp.instance(config=CONFIG)
    app.prepare()
    warm_up.run_first_cells(app)
    if threading.active_count() != 1:
        raise RuntimeError(f"Cannot fork safely: {threading.enumerate()}")
    gc.collect()
    gc.freeze()  # the garbage collector of a kernel then does not write to, and so copy, the shared pages
    return app


def _fork_kernel(
    app: "ForkedApp", link: socket.socket, request: dict[str, Any], options: argparse.Namespace
) -> None:
    intermediate = os.fork()
    if intermediate == 0:
        try:
            if os.fork() == 0:
                _become_kernel(app, link, request, options)
        finally:
            os._exit(0)
    os.waitpid(intermediate, 0)


def _become_kernel(
    app: "ForkedApp", link: socket.socket, request: dict[str, Any], options: argparse.Namespace
) -> None:
    """Never returns."""
    from grad_runner.kernel.shell import ForkedKernel, PlainShell

    kernel = request["kernel"]
    try:
        os.setsid()
        die_with_parent(options.supervisor)
        bound_tasks(options.task_bound)
        _send(link, event="forked", kernel=kernel, pid=os.getpid())
        folder = Path(request["folder"])
        redirect_to_files(folder)
        os.environ[KERNEL_VARIABLE] = kernel
        os.chdir(options.workspace)
        sys.argv = [""]
        # The user's own modules can be imported: those in the working directory, as in any notebook, and those in code/.
        sys.path[:0] = ["", str(options.workspace / "code")]
        PlainShell.data_folder = options.workspace / "data"
        ForkedKernel.duckdb.config = duckdb_config(resources_of(options), kernel)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        app.attach(folder, request["key"], PORTS)
        _send(link, event="bound", kernel=kernel)
        link.close()  # before any user code runs
    except BaseException:  # noqa: BLE001  # also SystemExit: this process must never continue as a second launcher
        reason = traceback.format_exc()
        os.write(2, reason.encode())
        _send(link, event="failed", kernel=kernel, message=reason[-2000:])
        os._exit(1)
    app.run()


def _send(link: socket.socket, **message: Any) -> None:
    link.send(json.dumps(message).encode())


if __name__ == "__main__":
    main()
