"""`python -m grad_runner.init PLAN.json`, started by grad as the first process of a new pid and mount
namespace."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from grad_runner.common.log import log
from grad_runner.common.mounts import share_folder
from grad_runner.init.control import DEFAULT_GRACE_MS, listen
from grad_runner.init.init import Init
from grad_runner.init.plan import Plan, PlanError, parse_plan

EXIT_USAGE = 2
EXIT_FAILED = 1


async def keep(plan: Plan) -> None:
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
        await asyncio.sleep(0)  # the answer to `stop` is written by a task that wakes at the same moment


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m grad_runner.init PLAN.json", file=sys.stderr)
        return EXIT_USAGE
    if os.getpid() != 1:
        # Its mounts and its kills are meant for a namespace of its own, never for the machine's.
        print(
            "Cannot start: the init is not the first process of a pid namespace; start it by "
            "`unshare --mount --propagation private --pid --fork --kill-child --mount-proc`",
            file=sys.stderr,
        )
        return EXIT_USAGE
    try:
        plan = parse_plan(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, PlanError) as error:
        log("error", "init.refused", error=str(error))
        return EXIT_USAGE
    os.chdir("/")
    try:
        share_folder(plan.data_mount_root)
    except OSError as error:
        log("error", "init.no_mounts", error=str(error))
        return EXIT_FAILED
    asyncio.run(keep(plan))
    log("info", "init.stopped", runner=plan.runner)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
