"""The folders that components expect to find."""

import contextlib
import os

from grad_runner.common.mounts import bind
from grad_runner.init.plan import Plan


def make_folders(plan: Plan) -> None:
    """Makes what is not there, and shows what is to be seen elsewhere. Raises OSError."""
    for folder in plan.folders:
        if not os.path.lexists(
            folder
        ):  # code may have put something else in the place of one that is the user's
            os.makedirs(folder, mode=0o700)
    for source, target in plan.binds:
        bind(source, target)
    # Empty, or a link, if it was made before: which of the two is wanted may have changed.
    with contextlib.suppress(OSError):
        os.rmdir(plan.data_place)
    with contextlib.suppress(OSError):
        os.unlink(plan.data_place)
    if plan.data_place_is_link:
        os.symlink(plan.data_mount_root, plan.data_place)
    else:
        os.makedirs(plan.data_place, mode=0o700, exist_ok=True)
