"""The baseline of idle sessions: plain ipykernels, started by jupyter_client with the same imports, which nobody uses.

Takes the number of kernels as argument and prints "ready" when all have answered; then for each line of input, a number of
seconds, waits that long and prints the CPU milliseconds that all kernels together used meanwhile.
"""

import sys
import time

from jupyter_client.manager import start_new_kernel

from grad_runner.kernel.process_table import read_process


def cpu_ms(pid: int) -> int:
    process = read_process(pid)
    assert process is not None, "a kernel of the baseline has ended"
    return process.cpu_ms


def main() -> None:
    started = [start_new_kernel(kernel_name="python3") for _ in range(int(sys.argv[1]))]
    pids = []
    for _, client in started:
        client.execute_interactive("import pandas, duckdb", timeout=60, output_hook=lambda _: None)
        found: list[int] = []
        client.execute_interactive(
            "import os; print(os.getpid())",
            timeout=60,
            output_hook=lambda message, found=found: (
                found.append(int(message["content"]["text"])) if message["msg_type"] == "stream" else None
            ),
        )
        pids += found
    print("ready", flush=True)
    for line in sys.stdin:
        before = sum(map(cpu_ms, pids))
        time.sleep(float(line))
        print(sum(map(cpu_ms, pids)) - before, flush=True)
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


main()
