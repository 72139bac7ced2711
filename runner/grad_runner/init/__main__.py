"""`python -m grad_runner.init PLAN.json`: the first process of a runner on the local backend.

grad starts it in new pid and mount namespaces, so that it is pid 1 there and everything ends with it.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from grad_runner.common.log import log
from grad_runner.common.mounts import share_folder
from grad_runner.common.protection import protect_process
from grad_runner.init.control import DEFAULT_GRACE_MS, listen
from grad_runner.init.folders import make_folders
from grad_runner.init.init import Init
from grad_runner.init.plan import Plan, PlanError, parse_plan

EXIT_USAGE = 2
EXIT_FAILED = 1


async def run(plan: Plan) -> None:
    """Runs the components of `plan` until `stop` is asked for by a signal or on the control socket."""
    init = Init(plan)
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:

        def stop() -> None:
            tasks.create_task(init.stop(DEFAULT_GRACE_MS))

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        init.start()
        server = await listen(init)
        await init.stopped.wait()
        server.close()
        await asyncio.sleep(
            0
        )  # `stopped` also wakes the task that writes the answer to `stop`: let it run first


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m grad_runner.init PLAN.json", file=sys.stderr)
        return EXIT_USAGE
    if os.getpid() != 1:
        # It mounts, and it kills every process that it sees: never in the machine's own namespaces.
        print(
            "Cannot start: the init must be the first process of a pid namespace; start it with "
            "`unshare --mount --propagation private --pid --fork --kill-child --mount-proc`",
            file=sys.stderr,
        )
        return EXIT_USAGE
    try:
        plan = parse_plan(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, PlanError) as error:
        log("error", "init.refused", error=str(error))
        return EXIT_USAGE
    protect_process()  # no component writes core files: they inherit that
    os.chdir("/")
    try:
        make_folders(plan)
    except OSError as error:
        log("error", "init.folders_not_made", error=str(error))
        return EXIT_FAILED
    try:
        share_folder(plan.data_mount_root)
    except OSError as error:
        log("error", "init.data_folder_not_shared", error=str(error))
        return EXIT_FAILED
    asyncio.run(run(plan))
    log("info", "init.stopped", runner=plan.runner)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
