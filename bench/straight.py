"""The baseline of the warm figure: jupyter_client straight to the kernel that grad's session runs.

Usage: straight.py KERNEL_DIR, the folder that agent and kernel component share. Prints "ready", then for each line of input
executes it as code and prints the milliseconds until reply and idle have both come and the result is held. A line
"interactive CODE" takes jupyter_client's own way to run code and get its output, `execute_interactive`; "bare CODE" a loop
of ours over the channels that does nothing else, which is the least that a client in Python can do.
"""

import json
import socket
import sys
import time
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient


def only_kernel(folder: Path) -> BlockingKernelClient:
    with socket.socket(socket.AF_UNIX) as supervisor:
        supervisor.connect(str(folder / "supervisor.sock"))
        supervisor.sendall(b'{"id":1,"op":"list"}\n')
        answer = json.loads(supervisor.makefile().readline())
    kernel = next(k for k in answer["kernels"] if k["alive"])
    client = BlockingKernelClient()
    client.load_connection_info(
        {
            "transport": "ipc",
            "ip": str(folder / kernel["kernel"] / "z"),
            "key": kernel["key"],
            "signature_scheme": "hmac-sha256",
            **{f"{name}_port": port for name, port in kernel["ports"].items()},
        }
    )
    client.start_channels()
    client.wait_for_ready(timeout=10)
    return client


def execute(client: BlockingKernelClient, code: str, outputs: list[object]) -> None:
    request = client.execute(code)
    idle = reply = False
    while not idle:
        message = client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") != request:
            continue
        outputs.append(message)
        if message["msg_type"] == "status":
            idle = message["content"]["execution_state"] == "idle"
    while not reply:
        reply = client.get_shell_msg(timeout=30)["parent_header"].get("msg_id") == request


def main() -> None:
    client = only_kernel(Path(sys.argv[1]))
    print("ready", flush=True)
    for line in sys.stdin:
        way, _, code = line.strip().partition(" ")
        outputs: list[object] = []
        start = time.perf_counter()
        if way == "interactive":
            client.execute_interactive(code, timeout=30, output_hook=outputs.append)
        else:
            execute(client, code, outputs)
        print((time.perf_counter() - start) * 1e3, flush=True)


main()
