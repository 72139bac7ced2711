"""The baseline of the first result: an ipykernel started the plain way, by jupyter_client, in the same Python environment.

Prints "ready", then for each line of input starts a kernel, executes the line and prints the milliseconds until idle.
"""

import sys
import time

from jupyter_client.manager import start_new_kernel


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        manager, client = start_new_kernel(kernel_name="python3")
        client.execute_interactive(line.strip(), timeout=60, output_hook=lambda _: None)
        taken = (time.perf_counter() - start) * 1e3
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        print(taken, flush=True)


main()
