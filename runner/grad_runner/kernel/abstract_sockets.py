"""Keeps this process and its descendants from abstract unix sockets of others, by Landlock (landlock(7)).

These have names and no files, and belong to a network namespace: code that shares the machine's network would reach those of its
user's other programs. A filter of system calls cannot tell them from others.
"""

import ctypes
import os
import struct
from typing import Final

_CREATE_RULESET: Final = 444
_RESTRICT_SELF: Final = 446
"""The same on every machine."""
_GET_VERSION: Final = 1
_FIRST_WITH_SCOPES: Final = 6
"""The version of Landlock, of Linux 6.12."""
_ABSTRACT_UNIX_SOCKETS: Final = 1


def leave_abstract_sockets() -> bool:
    """From now on it can connect to those alone that it and its descendants make. False where the system cannot do that. Needs
    the `no new privileges` of the filter. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    nothing = ctypes.c_size_t(0)
    version = libc.syscall(_CREATE_RULESET, None, nothing, ctypes.c_ulong(_GET_VERSION))
    if version < _FIRST_WITH_SCOPES:
        return False
    # struct landlock_ruleset_attr: no access to files or ports is restricted.
    attributes = struct.pack("=QQQ", 0, 0, _ABSTRACT_UNIX_SOCKETS)
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), nothing)
    if rules < 0:
        raise _error("landlock_create_ruleset")
    try:
        if libc.syscall(_RESTRICT_SELF, ctypes.c_long(rules), nothing) != 0:
            raise _error("landlock_restrict_self")
    finally:
        os.close(rules)
    return True


def _error(what: str) -> OSError:
    code = ctypes.get_errno()
    return OSError(code, f"Cannot keep code from abstract sockets: {what}: {os.strerror(code)}")
