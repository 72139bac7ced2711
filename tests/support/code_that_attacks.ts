/** Python code that tries what a runner has to refuse, on every backend. */

/** Prints, as JSON, the outcome of each attempt: "done", or the name of an error. Each is made by a child of its own. */
export const ATTEMPTS = `
import ctypes, errno, fcntl, json, os, signal, socket, tempfile
libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"
def call(x86_number, arm_number, *arguments):
    numbers = [ctypes.c_long(each) if isinstance(each, int) else each for each in (x86_number if x86 else arm_number, *arguments)]
    result = libc.syscall(*numbers)
    if result < 0: raise OSError(ctypes.get_errno(), "")
    return result
def space(size): return ctypes.create_string_buffer(size)
def clone(flags):
    if call(56, 220, flags | signal.SIGCHLD, 0, 0, 0, 0) == 0: os._exit(0)
class Vector(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
def read_memory(pid):
    mine, target = space(8), Vector(ctypes.addressof(known), 8)
    vector = Vector(ctypes.addressof(mine), 8)
    call(310, 270, pid, ctypes.byref(vector), 1, ctypes.byref(target), 1, 0)
    assert mine.raw == known.raw
def new_file():
    descriptor, path = tempfile.mkstemp()
    os.close(descriptor)
    return path
known = ctypes.create_string_buffer(b"treasure", 8)
attempts = {
    "user namespace": lambda: call(272, 97, 0x10000000),
    "user namespace by clone": lambda: clone(0x10000000),
    "internet socket": lambda: socket.socket(socket.AF_INET),
    "internet socket, upper half set": lambda: call(41, 198, 1 << 32 | 2, 1, 0),
    "IPv6 socket": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
    "netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
    "vsock": lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM),
    "keyring": lambda: call(250, 219, 0, -3, 0),
    "new key": lambda: call(248, 217, b"user", b"attack", b"x", 1, -1),
    "ptrace": lambda: call(101, 117, 0, 0, 0, 0),
    "another process's memory": lambda: read_memory(os.getppid()),
    "io_uring": lambda: call(425, 425, 1, space(240)),
    "userfaultfd": lambda: call(323, 282, 1),
    "file handle": lambda: call(303, 264, -100, b"/", ctypes.create_string_buffer(b"\\x80" + bytes(200)), space(8), 0),
    "System V shared memory": lambda: call(29, 194, 0, 4096, 0o600),
    "POSIX message queue": lambda: call(240, 180, b"grad-attack", os.O_CREAT | os.O_RDWR, 0o600, None),
    "set-user-ID file": lambda: os.chmod(new_file(), 0o4755),
    "set-group-ID file": lambda: os.fchmod(os.open(new_file(), os.O_RDONLY), 0o2755),
    "set-user-ID file from the beginning": lambda: os.open(new_file() + "-made", os.O_CREAT | os.O_WRONLY, 0o4755),
    "lease on a file": lambda: fcntl.fcntl(os.open(new_file(), os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK),
}
def outcome(attempt):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try: attempt(); answer = "done"
        except OSError as error: answer = errno.errorcode.get(error.errno, str(error))
        os.write(writer, answer.encode()); os._exit(0)
    os.close(writer)
    with open(reader) as said: answer = said.read()
    os.waitpid(child, 0)
    return answer
print(json.dumps({name: outcome(attempt) for name, attempt in attempts.items()}))
`;

/** What a runner without a network answers to `ATTEMPTS`. */
export const EXPECTED: Readonly<Record<string, string>> = {
  "user namespace": "EPERM",
  "user namespace by clone": "EPERM",
  "internet socket": "ENETUNREACH",
  "internet socket, upper half set": "ENETUNREACH",
  "IPv6 socket": "ENETUNREACH",
  "netlink socket": "ENOTSUP",
  "vsock": "EAFNOSUPPORT",
  "keyring": "EPERM",
  "new key": "EPERM",
  "ptrace": "EPERM",
  "another process's memory": "EPERM",
  "io_uring": "ENOSYS",
  "userfaultfd": "EPERM",
  "file handle": "EPERM",
  "System V shared memory": "ENOSYS",
  "POSIX message queue": "ENOSYS",
  "set-user-ID file": "EPERM",
  "set-group-ID file": "EPERM",
  "set-user-ID file from the beginning": "EPERM",
  "lease on a file": "EPERM",
};

/** Prints, as JSON, each process that code can see: by how many filters of system calls it is held, and whether its memory can be opened for writing. */
export const PROCESSES = `
import json, os
def writable(pid):
    try: os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR)); return True
    except OSError: return False
seen = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    with open(f"/proc/{pid}/status") as file: status = dict(line.split(":", 1) for line in file if ":" in line)
    seen.append({"pid": int(pid), "filters": int(status["Seccomp_filters"]), "writable": writable(pid)})
print(json.dumps(seen))
`;

export type SeenProcess = Readonly<{ pid: number; filters: number; writable: boolean }>;
