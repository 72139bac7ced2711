"""Stands where libfuse looks for its helper `fusermount`, in the data component's container: hands libfuse's socket to the mount
component. Of the arguments only the last part of the mount point, which is the dataset's name, and `ro` are passed on. When it is
mounted, an empty file beside the mount point says so, its name followed by `.mounted`.

Run as a script, without the package: it is started by libfuse.
"""

import os
import socket
import sys

SOCKET = "/run/mount/mount.sock"
MAX_ANSWER_BYTES = 4096


def main(arguments: list[str]) -> int:
    if "-u" in arguments:
        return 0  # the mount component unmounts when libfuse's socket closes
    options = arguments[arguments.index("-o") + 1].split(",") if "-o" in arguments else []
    name = os.path.basename(arguments[-1])
    libfuse = int(os.environ["_FUSE_COMMFD"])
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(SOCKET)
        socket.send_fds(connection, [f"{name} {'ro' if 'ro' in options else 'rw'}".encode()], [libfuse])
        os.close(libfuse)
        answer = connection.recv(MAX_ANSWER_BYTES).decode()
    if answer == "ok":
        os.close(os.open(f"{arguments[-1]}.mounted", os.O_WRONLY | os.O_CREAT, 0o600))
        return 0
    sys.stderr.write(f"mount component: {answer}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
