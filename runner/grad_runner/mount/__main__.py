"""`python -I -m grad_runner.mount ROOT SOCKET UID GID`: mounts below ROOT for the data component UID:GID, until SIGTERM.

One connection is one mount. The request is `NAME ro` or `NAME rw` with one descriptor, libfuse's socket. libfuse gets /dev/fuse
by that socket, the caller `ok` or `error REASON`. When libfuse's socket closes, its process has ended: the mount is removed.
"""

import contextlib
import os
import select
import signal
import socket
import sys
import threading
from types import FrameType

from grad_runner.mount.mounter import Mounter

MAX_REQUEST_BYTES = 64
REQUEST_SECONDS = 10


def serve(mounter: Mounter, connection: socket.socket) -> None:
    """Answers one request, and unmounts when the process that serves the mount has ended."""
    with connection, contextlib.ExitStack() as stack:
        connection.settimeout(REQUEST_SECONDS)
        try:
            request, descriptors, _, _ = socket.recv_fds(connection, MAX_REQUEST_BYTES, 1)
            sockets = [stack.enter_context(socket.socket(fileno=one)) for one in descriptors]
            name, access = request.decode("ascii").split(" ")
            if access not in ("ro", "rw") or len(sockets) != 1:
                raise ValueError("the request is not a name, ro or rw, and one descriptor")
            device, number = mounter.mount(name, access == "ro")
            stack.callback(mounter.ended, name, number)
            try:
                socket.send_fds(sockets[0], [b"\0"], [device])
            finally:
                os.close(device)
            connection.sendall(b"ok")
            select.select(sockets, [], [])
        except (OSError, ValueError) as error:
            print("refused:", error, flush=True)
            with contextlib.suppress(OSError):
                connection.sendall(f"error {error}".encode())


def listen(path: str, gid: int) -> socket.socket:
    """The socket, which only root and the group of the data component can open."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    server = socket.create_server(path, family=socket.AF_UNIX)
    os.chown(path, 0, gid)
    os.chmod(path, 0o660)
    return server


def main(root: str, path: str, uid: str, gid: str) -> None:
    mounter = Mounter(root, uid, gid)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        mounter.clear()  # a mount that is left would keep the kubelet from deleting the pod
        os._exit(0)  # threads wait for the ends of mounts

    signal.signal(signal.SIGTERM, stop)
    with listen(path, int(gid)) as server:
        print("serving", flush=True)
        while True:
            threading.Thread(target=serve, args=(mounter, server.accept()[0]), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
