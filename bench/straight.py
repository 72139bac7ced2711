"""The baseline of the warm figure: jupyter_client straight to the kernel that grad's session runs.

Usage: straight.py KERNEL_DIR, the folder that agent and kernel room share. Prints "ready", then for each line of input
executes it as code and prints the milliseconds until reply and idle have both come.
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


def execute(client: BlockingKernelClient, code: str) -> None:
    request = client.execute(code)
    idle = reply = False
    while not idle:
        message = client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") == request and message["msg_type"] == "status":
            idle = message["content"]["execution_state"] == "idle"
    while not reply:
        reply = client.get_shell_msg(timeout=30)["parent_header"].get("msg_id") == request


def main() -> None:
    client = only_kernel(Path(sys.argv[1]))
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        execute(client, line.strip())
        print((time.perf_counter() - start) * 1e3, flush=True)


main()
