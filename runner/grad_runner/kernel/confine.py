"""What the component's first process gives up before it does anything else, for itself and for all that it will start."""

import ctypes
import resource

from grad_runner.kernel.abstract_sockets import leave_abstract_sockets
from grad_runner.kernel.prctl import hide_memory
from grad_runner.kernel.sandbox_filter import Network, install, this_machine
from grad_runner.kernel.system_calls import REFUSED

_JOIN_SESSION_KEYRING = 1


def confine(network: Network) -> None:
    """A new session keyring, the filter of system calls, no abstract sockets of others, and memory that user code cannot open.

    Raises OSError, and ValueError on a machine for which there is no filter.
    To be called before any thread is started and any library is imported.
    """
    leave_session_keyring()
    install(network)
    leave_abstract_sockets()
    hide_memory()


def without_core_files() -> None:
    """A crash must not fill the workspace, nor write a component's memory to a disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def leave_session_keyring() -> None:
    """Joins a new, empty session keyring: the one of the user's login may hold tickets and passwords.

    The filter refuses all use of keys. This holds where somebody finds a way round it, so where a container's own filter
    refuses even this call, nothing is lost.
    """
    number = REFUSED["keyctl"][0 if this_machine() == "x86_64" else 1]
    ctypes.CDLL(None).syscall(number, _JOIN_SESSION_KEYRING, None)
