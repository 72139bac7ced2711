"""Becoming a user without privileges, for good or only to try what that user may do."""

import ctypes
import json
import os
from collections.abc import Callable
from typing import Any

_CLONE_NEWUSER = 0x10000000
_PR_SET_NO_NEW_PRIVS = 38
_libc = ctypes.CDLL(None, use_errno=True)


def become(uid: int) -> None:
    """Makes this process root of a new user namespace that knows one user and one group, which outside of it are `uid`. No
    program gives it more rights later, such as one with the setuid bit. Raises OSError; then it still has all of its rights.

    The namespace is made before the rights are dropped: machines that refuse user namespaces to plain users allow them to root.
    """
    os.setgroups([])
    parent = os.getpid()
    is_made, tell_made = os.pipe()
    helper = os.fork()
    if helper == 0:
        os.close(tell_made)
        os.read(is_made, 1)
        os._exit(_map_user(parent, uid))
    os.close(is_made)
    made = _libc.unshare(_CLONE_NEWUSER)
    error = ctypes.get_errno()
    os.close(tell_made)
    _, status = os.waitpid(helper, 0)
    if made != 0:
        raise OSError(error, os.strerror(error), "user namespace")
    if status != 0:
        code = os.waitstatus_to_exitcode(status)
        raise OSError(code, os.strerror(code), f"user {uid}")
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot set no_new_privs")


def _map_user(pid: int, uid: int) -> int:
    """Only who is privileged outside of a user namespace may map another user than itself. Returns an error number or 0."""
    try:
        for name, text in (("setgroups", "deny"), ("gid_map", f"0 {uid} 1"), ("uid_map", f"0 {uid} 1")):
            with open(f"/proc/{pid}/{name}", "w", encoding="ascii") as file:
                file.write(text)
    except OSError as error:
        return error.errno or 1
    return 0


def ask_as(uid: int, question: Callable[[], Any]) -> Any:
    """The answer of `question`, called in a process of that user. The answer must be what JSON can say. Raises OSError."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            with open(writer, "w", encoding="utf-8") as answer:
                json.dump(question(), answer)
        except BaseException:  # noqa: BLE001 - a child of fork must never go on as its parent
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise PermissionError(1, "Operation not permitted", f"user {uid}")
    return json.loads(text)
