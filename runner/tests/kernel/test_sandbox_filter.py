"""What the filter answers to each system call, on both machines."""

import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.kernel import bpf, sandbox_filter
from grad_runner.kernel.abstract_sockets import leave_abstract_sockets
from grad_runner.kernel.sandbox_filter import Network, filter_program
from grad_runner.kernel.system_calls import (
    ABSENT,
    CHECKED,
    LAST_KNOWN,
    MODES,
    MODES_AFTER_FLAGS,
    REFUSED,
    Machine,
    numbers_on,
)

from .bpf_interpreter import run, seccomp_data

MACHINES: tuple[Machine, ...] = get_args(Machine)
NETWORKS: tuple[Network, ...] = get_args(Network)
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
I386 = 0x40000003
UPPER_HALF = 1 << 32
NAMES = {**errno.errorcode, errno.EOPNOTSUPP: "EOPNOTSUPP"}  # Linux has two names for it

each = pytest.mark.parametrize(
    ("machine", "network"), [(machine, network) for machine in MACHINES for network in NETWORKS]
)


class Filter:
    def __init__(self, machine: Machine, network: Network) -> None:
        self._machine = machine
        self._program = bpf.assemble(filter_program(machine, network))

    def answer(self, call: int | str, *arguments: int, architecture: int | None = None) -> str:
        """ "allow", "kill", or the name of an errno."""
        number = numbers_on(self._machine, {call: CHECKED[call]})[0] if isinstance(call, str) else call
        data = seccomp_data(architecture or ARCHITECTURE[self._machine], number, arguments)
        returned = run(self._program, data)
        if returned in (bpf.ALLOW, bpf.KILL):
            return "allow" if returned == bpf.ALLOW else "kill"
        assert returned & 0xFFFF0000 == 0x50000
        return NAMES[returned & 0xFFFF]


@each
def test_each_call_by_its_number_alone(machine: Machine, network: Network) -> None:
    filtered = Filter(machine, network)
    refused, absent = set(numbers_on(machine, REFUSED)), set(numbers_on(machine, ABSENT))
    by_argument = set(numbers_on(machine, CHECKED))
    assert refused.isdisjoint(absent | by_argument) and absent.isdisjoint(by_argument)
    for number in set(range(LAST_KNOWN + 50)) - by_argument:
        expected = "EPERM" if number in refused else "ENOSYS" if number in absent else "allow"
        assert filtered.answer(number) == (expected if number <= LAST_KNOWN else "ENOSYS"), number


@each
@given(number=st.integers(0, 2**32 - 1), architecture=st.integers(1, 2**32 - 1))
def test_another_abi_ends_the_process(
    machine: Machine, network: Network, number: int, architecture: int
) -> None:
    expected = "kill" if architecture != ARCHITECTURE[machine] else Filter(machine, network).answer(number)
    assert Filter(machine, network).answer(number, architecture=architecture) == expected
    assert Filter(machine, network).answer(number, architecture=I386) == "kill"


@each
@given(number=st.integers(LAST_KNOWN + 1, 2**32 - 1))
def test_calls_that_nobody_has_read_are_absent(machine: Machine, network: Network, number: int) -> None:
    assert Filter(machine, network).answer(number) == "ENOSYS"


@each
@given(flags=st.integers(0, 2**64 - 1))
def test_clone_makes_processes_and_threads_but_no_namespaces(
    machine: Machine, network: Network, flags: int
) -> None:
    expected = "EPERM" if flags & sandbox_filter.NEW_NAMESPACES else "allow"
    assert Filter(machine, network).answer("clone", flags) == expected


def test_the_flags_of_clone_are_those_of_linux() -> None:
    flags = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
    assert sum(flags) == sandbox_filter.NEW_NAMESPACES


@each
@given(request=st.one_of(st.sampled_from([0x5412, 0x541C]), st.integers(0, 2**32 - 1)))
def test_nobody_types_into_a_terminal_of_others(machine: Machine, network: Network, request: int) -> None:
    filtered = Filter(machine, network)
    expected = "EPERM" if request in (0x5412, 0x541C) else "allow"
    assert filtered.answer("ioctl", 0, request) == expected
    assert filtered.answer("ioctl", 0, request | UPPER_HALF) == expected


@each
@given(command=st.one_of(st.sampled_from(sandbox_filter.LEASES), st.integers(0, 2**32 - 1)))
def test_nobody_leases_a_file(machine: Machine, network: Network, command: int) -> None:
    expected = "EPERM" if command in (1024, 1040) else "allow"
    assert Filter(machine, network).answer("fcntl", 3, command) == expected


@each
@pytest.mark.parametrize("name", MODES)
@given(mode=st.integers(0, 0o177777))
def test_no_file_gets_a_mode_that_gives_its_owners_rights(
    machine: Machine, network: Network, name: str, mode: int
) -> None:
    if not numbers_on(machine, {name: CHECKED[name]}):
        return
    arguments = [0, 0, 0, 0]
    arguments[MODES[name]] = mode
    expected = "EPERM" if mode & 0o6000 else "allow"
    assert Filter(machine, network).answer(name, *arguments) == expected


@each
@pytest.mark.parametrize("name", MODES_AFTER_FLAGS)
@given(mode=st.integers(0, 0o177777), flags=st.integers(0, 2**31 - 1))
def test_no_file_is_made_with_such_a_mode(
    machine: Machine, network: Network, name: str, mode: int, flags: int
) -> None:
    if not numbers_on(machine, {name: CHECKED[name]}):
        return
    before = [0] * MODES_AFTER_FLAGS[name]
    makes_file = flags & os.O_CREAT or flags & os.O_TMPFILE == os.O_TMPFILE
    answer = Filter(machine, network).answer(name, *before, flags, mode)
    # Without such flags the mode is whatever the register held.
    assert answer == "EPERM" if makes_file and mode & 0o6000 else answer in ("allow", "EPERM")
    if not mode & 0o6000 or not flags & (os.O_CREAT | os.O_TMPFILE):
        assert answer == "allow"


@pytest.mark.parametrize("machine", MACHINES)
@given(family=st.integers(0, 60), kind=st.integers(0, 2**20), protocol=st.integers(0, 300))
def test_without_a_network_there_are_unix_sockets_only(
    machine: Machine, family: int, kind: int, protocol: int
) -> None:
    special = {1: "allow", 2: "ENETUNREACH", 10: "ENETUNREACH", 16: "EOPNOTSUPP"}
    filtered = Filter(machine, "none")
    expected = special.get(family, "EAFNOSUPPORT")
    assert filtered.answer("socket", family, kind, protocol) == expected
    # socket() takes an int: what the upper half says is nothing to the system.
    assert filtered.answer("socket", family | UPPER_HALF, kind, protocol) == expected


FLAGS = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("family", "kind", "protocol", "expected"),
    [
        (socket.AF_UNIX, socket.SOCK_DGRAM, 0, "allow"),
        (socket.AF_INET, socket.SOCK_STREAM, 0, "allow"),
        (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "allow"),
        (socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP, "allow"),
        (socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP, "allow"),
        (socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6, "allow"),
        (socket.AF_INET, socket.SOCK_STREAM, 262, "allow"),
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP, "EPROTONOSUPPORT"),
        (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP, "EPERM"),
        (socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_TCP, "EPERM"),
        (socket.AF_INET, 10, 0, "EPERM"),
        (socket.AF_NETLINK, socket.SOCK_RAW, 0, "allow"),
        (socket.AF_NETLINK, socket.SOCK_RAW, 12, "EPROTONOSUPPORT"),
        (socket.AF_PACKET, socket.SOCK_RAW, 0, "EAFNOSUPPORT"),
        (socket.AF_VSOCK, socket.SOCK_STREAM, 0, "EAFNOSUPPORT"),
        (socket.AF_ALG, socket.SOCK_SEQPACKET, 0, "EAFNOSUPPORT"),
    ],
)
def test_with_a_network(machine: Machine, family: int, kind: int, protocol: int, expected: str) -> None:
    for flags in (0, FLAGS):
        assert Filter(machine, "full").answer("socket", family, kind | flags, protocol) == expected


@each
def test_pairs_of_sockets_are_unix_sockets(machine: Machine, network: Network) -> None:
    filtered = Filter(machine, network)
    assert filtered.answer("socketpair", socket.AF_UNIX) == "allow"
    assert filtered.answer("socketpair", socket.AF_INET) == "EOPNOTSUPP"
    assert filtered.answer("socketpair", socket.AF_TIPC) == "EOPNOTSUPP"


def test_a_machine_without_a_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: type("Uname", (), {"machine": "riscv64"}))
    with pytest.raises(ValueError, match="riscv64"):
        sandbox_filter.this_machine()


def confined(code: str, network: Network = "none") -> Any:
    """Runs `code` in a process under the real filter; it assigns `answer`, which is returned."""
    return in_process(f"from grad_runner.kernel.confine import confine\nconfine({network!r})\n{code}")


def in_process(code: str) -> Any:
    script = f"import ctypes, errno, json, os, socket, threading\n{code}\nprint(json.dumps(answer))"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


ERROR_OF = """
def error_of(act):
    try: act()
    except OSError as error: return errno.errorcode[error.errno]
    return "none"
def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    return "none" if libc.syscall(number, *arguments) >= 0 else errno.errorcode[ctypes.get_errno()]
"""


def test_the_system_accepts_the_filter_and_applies_it_to_children() -> None:
    code = (
        ERROR_OF
        + """
pid = os.fork()
if pid == 0: os._exit(error_of(lambda: socket.socket()) == "ENETUNREACH")
child = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
answer = [error_of(socket.socket), error_of(lambda: socket.socket(40)), child, int(status["Seccomp"]), int(status["NoNewPrivs"])]
socket.socket(socket.AF_UNIX).close()
threading.Thread(target=print, args=("",), kwargs={"end": ""}).start()
"""
    )
    assert confined(code) == ["ENETUNREACH", "EAFNOSUPPORT", 1, 2, 1]


def test_the_network_full_of_the_real_filter() -> None:
    code = ERROR_OF + (
        "socket.socket().close(); socket.if_nameindex()\n"
        "answer = [error_of(lambda: socket.socket(2, 3, 1)), error_of(lambda: socket.socket(17, 3))]"
    )
    assert confined(code, "full") == ["EPERM", "EAFNOSUPPORT"]


if (
    os.uname().machine == "x86_64"
):  # only there can a program call by another ABI; the interpreter above answers for both machines

    def test_a_call_of_the_32_bit_abi_ends_its_process() -> None:
        code = (
            "import mmap\n"
            # mov eax, 20 (getpid); int 0x80; ret
            "page = mmap.mmap(-1, 4096, prot=7); page.write(bytes.fromhex('b814000000cd80c3'))\n"
            "address = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
            "pid = os.fork()\n"
            "if pid == 0: ctypes.CFUNCTYPE(ctypes.c_int)(address)(); os._exit(0)\n"
            "answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])"
        )
        assert confined(code) == -31  # SIGSYS


def test_a_confined_process_has_a_session_keyring_of_its_own() -> None:
    column = 0 if os.uname().machine == "x86_64" else 1
    add, request, keyctl = (REFUSED[name][column] for name in ("add_key", "request_key", "keyctl"))
    script = (
        ERROR_OF
        + f"""
from grad_runner.kernel.confine import leave_session_keyring
def search(): return call({request}, b"user", b"grad-test", None, 0)
answer = [call({keyctl}, 1, None), call({add}, b"user", b"grad-test", b"secret", 6, -3), search()]
leave_session_keyring()
answer.append(search())
"""
    )
    assert in_process(script) == ["none", "none", "none", "ENOKEY"]


def test_the_memory_of_a_confined_process_is_hidden_from_its_user_until_it_shows_it() -> None:
    code = """
from grad_runner.kernel.prctl import show_memory
if os.getuid() == 0:
    libc = ctypes.CDLL(None)
    os.setresgid(61234, 61234, 61234); os.setresuid(61234, 61234, 61234)
    libc.prctl(4, 0, 0, 0, 0)
def seen(pid):
    child = os.fork()
    if child == 0:
        show_memory()
        try: os.open(f"/proc/{pid}/mem", os.O_RDWR); os._exit(1)
        except OSError: os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
before = seen(os.getpid()); show_memory(); answer = [before, seen(os.getpid())]
"""
    assert confined(code) == [0, 1]


def test_abstract_sockets_of_others_are_out_of_reach_and_its_own_are_not() -> None:
    code = """
def connect(name):
    with socket.socket(socket.AF_UNIX) as client: client.connect(name)
before = socket.socket(socket.AF_UNIX)
other, own = f"\\0grad-test-{os.getpid()}-other", f"\\0grad-test-{os.getpid()}-own"
before.bind(other); before.listen()
seen = [error_of(lambda: connect(other))]
from grad_runner.kernel.confine import confine
confine("full")
after = socket.socket(socket.AF_UNIX); after.bind(own); after.listen()
pid = os.fork()
if pid == 0: os._exit(error_of(lambda: connect(own)) != "none")
answer = [*seen, error_of(lambda: connect(other)), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])]
"""
    assert in_process(ERROR_OF + code) == ["none", "EPERM", 0]


@pytest.mark.parametrize("version", [-1, 1, 5])
def test_an_older_system_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    library = type("Library", (), {"syscall": lambda *_: version})
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: library())
    assert not leave_abstract_sockets()
