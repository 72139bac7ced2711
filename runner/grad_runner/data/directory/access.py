"""What the runner's user may do with a folder of the machine."""

import errno
import os

from grad_runner.common.errors import GradError
from grad_runner.common.mounts import is_covered, read_table

RunnerUid = int | None
"""The runner's user as the machine knows it, where root runs grad; None where grad's user is the runner's."""


def require_access(name: str, path: str, at: str, *, writable: bool, uid: RunnerUid) -> None:
    """Raises GradError now and not when code reads or writes. Checks the folder itself, which is at `at` and was named `path`;
    what is below has rights of its own."""
    if not os.access(at, os.R_OK | os.X_OK, effective_ids=True):
        raise access_denied(name, path, "read", uid)
    if writable and not os.access(at, os.W_OK, effective_ids=True):
        raise access_denied(name, path, "written", uid)


def is_refused(path: str, error: OSError) -> bool:
    """Whether the folder cannot be looked at because of who we are. One that is hidden from the runner's user seems absent."""
    if error.errno == errno.ENOENT:
        return is_covered(read_table(), os.path.normpath(path))
    return error.errno == errno.EACCES


def access_denied(name: str, path: str, verb: str, uid: RunnerUid) -> GradError:
    user = (
        "the user that grad runs as"
        if uid is None
        else f"user {uid}, which this runner runs as since root runs grad"
    )
    right = "read it" if verb == "read" else "write there"
    or_else = "" if verb == "read" else ", or set `access: read-only`"
    who = (
        f"Give that user the right to {right}{or_else}."
        if uid is None
        else f"Give user {uid} the right to {right} (`setfacl`), and to enter each folder above it{or_else}; or run grad as "
        "yourself, not as root. A runner that is there sees folders that were closed to it only when it is made new."
    )
    return GradError(
        "dataset_access_denied",
        f'Cannot attach dataset "{name}": folder {path} may not be {verb} by {user}',
        who,
    )
