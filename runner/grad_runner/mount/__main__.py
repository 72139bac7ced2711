"""`python -I -m grad_runner.mount ROOT SOCKET UID GID`: mounts below ROOT for the data component UID:GID, until SIGTERM.

One connection is one mount. The request is `NAME ro` or `NAME rw` with one descriptor, libfuse's socket. libfuse gets /dev/fuse
by that socket, the caller `ok` or `error REASON`. When libfuse's socket closes, its process has ended: the mount is removed.

The first process only starts the one that serves, and starts it again at once when it was killed: the kubelet would wait for 15 s
and more. There are no threads: requests come one after the other, and each is bounded in time.
"""

import contextlib
import os
import select
import signal
import socket
import sys
from typing import NoReturn

from grad_runner.mount.mounter import Mounter

MAX_REQUEST_BYTES = 64
REQUEST_SECONDS = 5.0  # for each step of a request; other requests wait meanwhile


def answer(mounter: Mounter, connection: socket.socket) -> None:
    """Answers one request. Raises OSError and ValueError where it refuses; nothing is mounted, and no descriptor left, then."""
    connection.settimeout(REQUEST_SECONDS)
    with contextlib.ExitStack() as always, contextlib.ExitStack() as undo:
        request, descriptors, _, _ = socket.recv_fds(connection, MAX_REQUEST_BYTES, 1)
        for one in descriptors:
            undo.callback(os.close, one)
        name, access = request.decode("ascii").split(" ")
        if access not in ("ro", "rw") or len(descriptors) != 1:
            raise ValueError("the request is not a name, ro or rw, and one descriptor")
        libfuse = socket.socket(fileno=descriptors[0])
        undo.callback(libfuse.detach)
        if libfuse.family != socket.AF_UNIX:
            raise ValueError("the descriptor is not of a unix socket")
        libfuse.settimeout(REQUEST_SECONDS)
        device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        always.callback(os.close, device)
        mounter.mount(name, access == "ro", device)
        undo.callback(mounter.unmount, name)
        socket.send_fds(libfuse, [b"\0"], [device])
        undo.pop_all()
        mounter.served_by[name] = libfuse.detach()


def listen(path: str, gid: int) -> socket.socket:
    """The socket, which only root and the group of the data component can open."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    server = socket.create_server(path, family=socket.AF_UNIX)
    os.chown(path, 0, gid)
    os.chmod(path, 0o660)
    return server


def serve(root: str, path: str, uid: str, gid: str) -> NoReturn:
    """Until it is killed."""
    mounter = Mounter(root, uid, gid)
    with listen(path, int(gid)) as server:
        print("serving", flush=True)
        while True:
            ready, _, _ = select.select([server.fileno(), *mounter.served_by.values()], [], [])
            for name in [name for name, libfuse in mounter.served_by.items() if libfuse in ready]:
                mounter.unmount(name)
            if server.fileno() in ready:
                connection, _ = server.accept()
                with connection, contextlib.suppress(OSError):
                    try:
                        answer(mounter, connection)
                        connection.sendall(b"ok")
                    except (OSError, ValueError) as error:
                        print("refused:", error, flush=True)
                        connection.sendall(f"error {error}".encode())


def main(root: str, path: str, uid: str, gid: str) -> int:
    """Returns 0 when SIGTERM has ended it, with nothing mounted, and 1 when it cannot serve."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGCHLD])
    child = os.fork() or serve(root, path, uid, gid)
    while signal.sigwait([signal.SIGTERM, signal.SIGCHLD]) == signal.SIGCHLD:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended and not os.WIFSIGNALED(status):
            return 1
        if ended:
            child = os.fork() or serve(root, path, uid, gid)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    Mounter(
        root, uid, gid
    )  # unmounts everything: a mount that is left would keep the kubelet from deleting the pod
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
