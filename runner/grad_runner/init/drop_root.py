"""`python -m grad_runner.init.drop_root SETUP COMMAND...`: root prepares a runner's start, drops its rights, and becomes COMMAND.

Everything after it, the init included, runs as the runner's own user. SETUP is JSON, see `Setup`. Standard library only.
"""

import contextlib
import errno
import json
import os
import shutil
import stat
import sys
from dataclasses import dataclass

from grad_runner.common.log import log
from grad_runner.common.mounts import bind, detach, mount_cover, mount_proc, new_mount_namespace
from grad_runner.init.ownership import give_file, give_folder
from grad_runner.init.reachability import make_reachable
from grad_runner.init.unprivileged_user import ask_as, become

EXIT_FAILED = 1
_FUSE = "/dev/fuse"


@dataclass(frozen=True, slots=True)
class Setup:
    """`uid` is the runner's user, and group. `scratch` is a folder that is mounted on for a moment. `folders` and `files` are
    given to the user, `reach` is shown to it where it lies, and so are `programs`, which are found by PATH if they are there."""

    uid: int
    scratch: str
    folders: tuple[str, ...]
    files: tuple[str, ...]
    reach: tuple[str, ...]
    programs: tuple[str, ...]


def parse_setup(text: str) -> Setup:
    """The setup that grad wrote. Raises ValueError, KeyError or TypeError, which are bugs."""
    fields = json.loads(text)
    if not isinstance(fields["uid"], int) or fields["uid"] <= 0:
        raise ValueError("uid is not a number above 0")
    lists = {name: tuple(map(str, fields[name])) for name in ("folders", "files", "reach", "programs")}
    return Setup(uid=fields["uid"], scratch=str(fields["scratch"]), **lists)


def prepare(setup: Setup) -> None:
    """Makes a mount namespace for the runner and what its user needs in it. Raises OSError."""
    new_mount_namespace()
    # Otherwise the user namespace below may not mount its own, where a container hides parts of this one.
    mount_proc()
    open_fuse(setup.uid, setup.scratch)
    for file in setup.files:
        give_file(file, setup.uid)
    for folder in setup.folders:
        give_folder(folder, setup.uid)
    found = [shutil.which(name) for name in setup.programs]
    make_reachable([*setup.reach, *(path for path in found if path is not None)], setup.uid)


def open_fuse(uid: int, scratch: str) -> None:
    """Lets `uid` open /dev/fuse, in this mount namespace only: where it cannot, a device file of its own takes the place of the
    machine's. Without one only datasets in S3 fail, so that is no error here."""
    if not os.path.exists(_FUSE) or ask_as(uid, lambda: os.access(_FUSE, os.R_OK | os.W_OK)):
        return
    own = f"{scratch}/fuse"
    try:
        mount_cover(scratch)
        try:
            os.mknod(own, stat.S_IFCHR | 0o600, os.stat(_FUSE).st_rdev)
            os.chown(own, uid, uid)
            bind(own, _FUSE)
        finally:
            detach(scratch)
    except OSError as error:
        log("warn", "fuse.not_opened", error=str(error))


def main(arguments: list[str]) -> int:
    # Deno's sockets are inherited: see `withoutDescriptors` of grad.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    setup, command = parse_setup(arguments[0]), arguments[1:]
    try:
        prepare(setup)
        become(setup.uid)
        os.execvp(command[0], command)
    except OSError as error:
        path = None if error.filename is None else str(error.filename)
        code = errno.errorcode.get(error.errno or 0, "")
        log(
            "error",
            "root.not_dropped",
            uid=setup.uid,
            error=error.strerror or str(error),
            code=code,
            path=path,
        )
    return EXIT_FAILED


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
