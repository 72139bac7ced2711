"""What keeps the memory of a trusted process from others: no core files, and no reading by processes of the same user."""

import ctypes
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4
_libc = ctypes.CDLL(None, use_errno=True)


def protect_process() -> None:
    """Call it first in a trusted component; what the component starts inherits the first of the two.

    No core files: a process that is ended by SIGABRT or SIGQUIT would write its keys to the disk. And not dumpable: no other
    process of this user may read its memory, environment and open files or trace it (root still may), and no program that the
    system starts for crashes gets its memory, which the limit alone does not prevent.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
