"""The kernel component: `python -m grad_runner.kernel --dir DIR --workspace PATH [--network none|full|unfiltered] …`."""

import argparse
import logging
import resource
import sys
from pathlib import Path

from grad_runner.kernel.confine import confine, without_core_files
from grad_runner.kernel.duckdb_limits import add_resource_options, resources_of

EXIT_NOT_CONFINED = 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m grad_runner.kernel", description="Supervises kernels.")
    parser.add_argument(
        "--dir", type=Path, required=True, help="folder of the socket and of one folder per kernel"
    )
    parser.add_argument("--workspace", type=Path, required=True, help="working directory of the kernels")
    parser.add_argument(
        "--network",
        choices=("none", "full", "unfiltered"),
        default="none",
        help="which sockets code may make: none but unix sockets (default), or internet sockets as well; with `unfiltered` no "
        "system call at all is refused, which is for code that runs without a sandbox",
    )
    add_resource_options(parser)
    parser.add_argument(
        "--max-tasks", type=int, default=0, help="threads and processes of all kernels together (0: no limit)"
    )
    parser.add_argument(
        "--own-user-namespace",
        action="store_true",
        help="nothing else runs in the component's user namespace, so that the system can count its tasks: it then refuses code "
        "more than about --max-tasks",
    )
    parser.add_argument(
        "--tmpfs",
        type=Path,
        action="append",
        default=[],
        help="folder in memory that only the component uses: what lies there counts as memory; can be repeated",
    )
    options = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    without_core_files()
    if options.network != "unfiltered":
        try:
            confine(options.network)
        except (OSError, ValueError) as error:
            logging.getLogger("grad.kernel").error("%s", error)
            return EXIT_NOT_CONFINED
    # Only now: what this imports, and what that starts, is under the filter.
    from grad_runner.kernel.component import serve
    from grad_runner.kernel.task_bound import SUPERVISOR_ROOM, bound_for, bound_tasks
    from grad_runner.kernel.watchdog import Limits

    resources = resources_of(options)
    if resources.storage_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resources.storage_bytes, resources.storage_bytes))
    task_bound = bound_for(options.max_tasks) if options.own_user_namespace and options.max_tasks else 0
    bound_tasks(task_bound + SUPERVISOR_ROOM if task_bound else 0)
    limits = Limits(options.memory_bytes, options.max_tasks, task_bound, tuple(options.tmpfs))
    serve(options.dir.absolute(), options.workspace.absolute(), limits, resources)
    return 0


if __name__ == "__main__":
    sys.exit(main())
