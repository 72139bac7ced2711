/**
 * Attack: code in a sandbox makes namespaces and sockets, traces and reads other processes, and uses parts of the kernel that have
 * had many faults; leaves files on the machine that run with its user's rights; makes whoever opens a file wait; and it writes the memory of a process that nothing stops, to do these things there.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inBareSandbox } from "../support/bare_sandbox.ts";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** Prints, as JSON, the outcome of each attempt: "done", or the name of an error. Each is made by a child of its own. */
const ATTEMPTS = `
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

const EXPECTED: Readonly<Record<string, string>> = {
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

/** What some machines do not have, or refuse by themselves. */
const NOT_EVERYWHERE = ["vsock", "io_uring", "userfaultfd", "file handle", "IPv6 socket"];

scenario("code is refused the system calls that would get it out", async ({ backend, workspace }) => {
  const bare = JSON.parse(await inBareSandbox({ dir: join(backend.dir, "bare"), code: ATTEMPTS }));
  for (const [name, outcome] of Object.entries(bare)) {
    if (!NOT_EVERYWHERE.includes(name)) assert.equal(outcome, "done", name);
  }
  const cwd = await workspace();
  assert.deepEqual(JSON.parse((await execute(backend, cwd, ATTEMPTS)).stdout), EXPECTED);
  // Also in a program that a kernel starts, which is how most of them are made.
  const started = `import subprocess, sys\nprint(subprocess.check_output([sys.executable, "-c", ${
    JSON.stringify(ATTEMPTS)
  }], text=True))`;
  assert.deepEqual(JSON.parse((await execute(backend, cwd, started)).stdout), EXPECTED);
});

scenario("code with a network has no other sockets than those of the internet", async (world) => {
  const { backend } = world;
  const cwd = await world.workspace();
  (await backend.gractl(["runner", "create", "open", "--network", "full"], { cwd })).exits(0);
  const args = ["--runner", "open"];
  const code = ATTEMPTS.replace(
    "attempts = {",
    `attempts = {
    "raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "other netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4),`,
  );
  const outcomes = JSON.parse((await execute(backend, cwd, code, { args })).stdout);
  const allowed = ["internet socket", "internet socket, upper half set", "IPv6 socket", "netlink socket"];
  for (const name of allowed) assert.equal(outcomes[name], "done", name);
  const others = Object.entries(EXPECTED).filter(([name]) => !allowed.includes(name));
  for (const [name, expected] of others) assert.equal(outcomes[name], expected, name);
  assert.equal(outcomes["raw socket"], "EPERM");
  assert.equal(outcomes["packet socket"], "EAFNOSUPPORT");
  assert.equal(outcomes["other netlink socket"], "EPROTONOSUPPORT");
  (await backend.gractl(["runner", "destroy", "open"], { cwd })).exits(0);
});

/** Prints, as JSON, each process that code can see: whether a filter holds it, and whether its memory can be opened for writing. */
const PROCESSES = `
import json, os
def writable(pid):
    try: os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR)); return True
    except OSError: return False
seen = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    with open(f"/proc/{pid}/status") as file: status = dict(line.split(":", 1) for line in file if ":" in line)
    seen.append({"pid": int(pid), "seccomp": int(status["Seccomp"]), "writable": writable(pid)})
print(json.dumps(seen))
`;

type Seen = Readonly<{ pid: number; seccomp: number; writable: boolean }>;

scenario("every process that code can see is under the filter", async ({ backend, workspace }) => {
  // Without --as-pid-1 the first process is bwrap's own: unfiltered, and its memory can be written.
  const change = (argv: readonly string[]) => argv.filter((part) => part !== "--as-pid-1");
  const dir = join(backend.dir, "bare-first");
  const bare = JSON.parse(await inBareSandbox({ dir, code: PROCESSES, change })) as Seen[];
  assert.deepEqual(bare[0], { pid: 1, seccomp: 0, writable: true });

  const cwd = await workspace();
  // Kernels of two kinds, a child, and an orphan are there beside supervisor and launcher.
  const shell = ["--kernel", "bash", "--session", "shell"];
  const status = await execute(backend, cwd, "grep Seccomp: /proc/self/status; echo done", { args: shell });
  assert.match(status.stdout, /Seccomp:\s+2\n/);
  const children = `
import subprocess
child = subprocess.Popen(["sleep", "30"])
subprocess.run(["sh", "-c", "sleep 30 &"])
`;
  const seen = JSON.parse((await execute(backend, cwd, children + PROCESSES)).stdout) as Seen[];
  assert.ok(seen.length >= 6, JSON.stringify(seen));
  for (const { pid, seccomp } of seen) assert.equal(seccomp, 2, `process ${pid}`);
  // The supervisor enforces the limits: its memory is closed although it is filtered as well.
  assert.deepEqual(seen.find(({ pid }) => pid === 1), { pid: 1, seccomp: 2, writable: false });
});

scenario("code with a network reaches no abstract socket of its user's programs", async (world) => {
  const { backend } = world;
  const name = `grad-attack-${Deno.pid}`;
  const listen = `
import socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.bind("\\0${name}"); server.listen(); print("listens", flush=True); sys.stdin.read()
`;
  const listener = new Deno.Command("/usr/bin/python3", {
    args: ["-c", listen],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = listener.stdout.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /listens/);
  const code = `
import socket
with socket.socket(socket.AF_UNIX) as client:
    try: client.connect("\\0${name}"); print("connected")
    except OSError as error: print(error.strerror)
`;
  const change = (argv: readonly string[]) => [argv[0]!, argv[1]!, "--share-net", ...argv.slice(2)];
  assert.equal(await inBareSandbox({ dir: join(backend.dir, "bare-net"), code, change }), "connected\n");
  const cwd = await world.workspace();
  (await backend.gractl(["runner", "create", "shared", "--network", "full"], { cwd })).exits(0);
  const got = await execute(backend, cwd, code, { args: ["--runner", "shared"] });
  assert.equal(got.stdout, "Operation not permitted\n");
  (await backend.gractl(["runner", "destroy", "shared"], { cwd })).exits(0);
  await listener.stdin.close();
  await reader.cancel();
  await listener.status;
});
