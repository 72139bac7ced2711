"""The filter of system calls that every process of the kernel component runs under: what it decides, and its installation.

It needs no privilege, so that the same filter serves in a sandbox and in a container. It protects only if **every** process
that code can see is under it: the memory of one that is not could be written through /proc/PID/mem. So the component's first
process installs it, before it starts another, and is pid 1 of its namespace.
"""

import ctypes
import errno
import os
import socket
import stat
from typing import Final, Literal, TypeAlias

from grad_runner.kernel.bpf import (
    ARCHITECTURE_OFFSET,
    NUMBER_OFFSET,
    Body,
    Instruction,
    allow,
    assemble,
    fail,
    for_each,
    if_any_bit,
    if_equal,
    if_greater,
    kill,
    load,
    load_argument,
    mask,
    unless_equal,
)
from grad_runner.kernel.system_calls import (
    ABSENT,
    CHECKED,
    LAST_KNOWN,
    MODES,
    MODES_AFTER_FLAGS,
    REFUSED,
    Machine,
    number_on,
    numbers_on,
)

Network: TypeAlias = Literal["none", "full"]
"""none: no internet sockets at all, not even to this machine, since the containers of a pod share it; full: TCP, UDP and ping."""

_ARCHITECTURES: Final[dict[Machine, int]] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP_NUMBERS: Final[dict[Machine, int]] = {"x86_64": 317, "aarch64": 277}

NEW_NAMESPACES: Final = 0x7E020000
"""The flags of clone that make a mount, control group, UTS, IPC, user, pid or network namespace."""
TIOCSTI: Final = 0x5412
TIOCLINUX: Final = 0x541C
"""Requests of ioctl that type into a terminal on behalf of somebody else."""

SET_ID_BITS: Final = stat.S_ISUID | stat.S_ISGID
MAKES_FILE: Final = os.O_CREAT | 0x400000
"""O_CREAT, or the bit of O_TMPFILE that is not of O_DIRECTORY."""
LEASES: Final = (1024, 1040)
"""F_SETLEASE and F_SETDELEG of fcntl: whoever opens a file that somebody has a lease on waits for up to 45 seconds, also
outside of the sandbox, and also where code sees it read-only."""

_SOCK_PACKET: Final = 10
_SOCKET_TYPE: Final = 0xF
"""The rest of socket's second argument are flags."""
_NETLINK_ROUTE: Final = 0
_MPTCP: Final = 262
_PROTOCOLS: Final = (
    0,
    socket.IPPROTO_ICMP,
    socket.IPPROTO_TCP,
    socket.IPPROTO_UDP,
    socket.IPPROTO_ICMPV6,
    _MPTCP,
)

_SET_MODE_FILTER: Final = 1
_ALL_THREADS: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38


def filter_program(machine: Machine, network: Network) -> Body:
    """The whole filter. Pure."""
    refused = [fail(errno.EPERM)]
    absent = [fail(errno.ENOSYS)]
    return (
        load(ARCHITECTURE_OFFSET),
        # Another ABI of the same machine (int 0x80): its numbers mean other calls.
        *unless_equal(_ARCHITECTURES[machine], [kill()]),
        load(NUMBER_OFFSET),
        *for_each(numbers_on(machine, ABSENT), absent),
        *for_each(numbers_on(machine, REFUSED), refused),
        *if_greater(LAST_KNOWN, absent),
        *if_equal(
            number_on(machine, "clone"),
            [load_argument(0), *if_any_bit(NEW_NAMESPACES, refused), allow()],
        ),
        *if_equal(
            number_on(machine, "ioctl"),
            [load_argument(1), *for_each((TIOCSTI, TIOCLINUX), refused), allow()],
        ),
        *if_equal(
            number_on(machine, "fcntl"),
            [load_argument(1), *for_each(LEASES, refused), allow()],
        ),
        *_modes(machine),
        *if_equal(number_on(machine, "socket"), _socket(network)),
        # As Linux answers for internet sockets; TIPC would be the only other family that has pairs.
        *if_equal(
            number_on(machine, "socketpair"),
            [load_argument(0), *if_equal(socket.AF_UNIX, [allow()]), fail(errno.EOPNOTSUPP)],
        ),
        allow(),
    )


def _modes(machine: Machine) -> Body:
    """Refuses the set-user-ID and set-group-ID bits to calls that give a file its mode."""
    checked: list[Instruction] = []
    for name, argument in MODES.items():
        body = [load_argument(argument), *if_any_bit(SET_ID_BITS, [fail(errno.EPERM)]), allow()]
        checked += for_each(numbers_on(machine, {name: CHECKED[name]}), body)
    for name, argument in MODES_AFTER_FLAGS.items():
        mode = [load_argument(argument + 1), *if_any_bit(SET_ID_BITS, [fail(errno.EPERM)])]
        body = [load_argument(argument), *if_any_bit(MAKES_FILE, mode), allow()]
        checked += for_each(numbers_on(machine, {name: CHECKED[name]}), body)
    return checked


def _socket(network: Network) -> Body:
    """What to answer to socket(family, type, protocol); always returns."""
    internet = (socket.AF_INET, socket.AF_INET6)
    if network == "none":
        return (
            load_argument(0),
            *if_equal(socket.AF_UNIX, [allow()]),
            # As in a network namespace without routes, so that programs say "Network is unreachable".
            *for_each(internet, [fail(errno.ENETUNREACH)]),
            # libzmq lists the interfaces, and ends its process for any other error.
            *if_equal(socket.AF_NETLINK, [fail(errno.EOPNOTSUPP)]),
            fail(errno.EAFNOSUPPORT),
        )
    return (
        load_argument(0),
        *if_equal(socket.AF_UNIX, [allow()]),
        *if_equal(
            socket.AF_NETLINK,
            [
                load_argument(2),
                *if_equal(_NETLINK_ROUTE, [allow()]),
                fail(errno.EPROTONOSUPPORT),
            ],
        ),
        *for_each(
            internet,
            [
                load_argument(1),
                mask(_SOCKET_TYPE),
                # Linux, too, demands a capability for them; here code cannot get one.
                *for_each((socket.SOCK_RAW, _SOCK_PACKET), [fail(errno.EPERM)]),
                load_argument(2),
                *for_each(_PROTOCOLS, [allow()]),
                fail(errno.EPROTONOSUPPORT),
            ],
        ),
        fail(errno.EAFNOSUPPORT),
    )


def install(network: Network) -> None:
    """Puts this process and all that it will start under the filter, for good. Raises OSError, and ValueError on a machine for
    which there is no table of system calls."""
    machine = this_machine()
    code = assemble(filter_program(machine, network))
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise _error("PR_SET_NO_NEW_PRIVS")
    number = _SECCOMP_NUMBERS[machine]
    if libc.syscall(number, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)) != 0:
        raise _error("seccomp")


def this_machine() -> Machine:
    """Raises ValueError for a machine without a table of system calls."""
    machine = os.uname().machine
    for known in _ARCHITECTURES:
        if machine == known:
            return known
    raise ValueError(f"Cannot filter system calls: there is no table of their numbers for {machine}")


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _error(what: str) -> OSError:
    code = ctypes.get_errno()
    return OSError(code, f"Cannot install the filter of system calls: {what}: {os.strerror(code)}")
