/**
 * Attack: code in the kernel container reaches for what the other components of its pod have (keys, sockets, memory, files), for
 * privileges, and for the account of the pod; and a data component that was taken over attacks the privileged mount component.
 */
import assert from "node:assert/strict";
import { ATTEMPTS, EXPECTED, PROCESSES, type SeenProcess } from "../support/code_that_attacks.ts";
import { eventually, start } from "../support/process.ts";
import { startS3Server } from "../support/versitygw.ts";
import { kubectl, required } from "./support/cluster.ts";
import { attachSales, putSales } from "./support/sales_dataset.ts";
import { startRunner } from "./support/started_runner.ts";
import { clusterWorld } from "./support/world.ts";

const HOST = required("GRAD_TEST_CLUSTER_HOST", "the address of this machine that pods reach");
const COMPONENTS = ["mount", "data", "kernel", "agent"];
/** What the filter of containerd leaves to every container; it refuses the rest of `ATTEMPTS` by itself. */
const OPEN_BY_DEFAULT = [
  "internet socket",
  "netlink socket",
  "ptrace",
  "another process's memory",
  "System V shared memory",
  "POSIX message queue",
  "set-user-ID file",
  "lease on a file",
];
/** Of what a privileged container sees (disks, memory, FUSE), these alone. */
const DEVICES = "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero".split(" ");
const parse = (text: string) => JSON.parse(text);

Deno.test({
  name: "the other components of a runner's pod",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using s3 = await startS3Server(await Deno.makeTempDir({ prefix: "gs-" }), HOST);
    await putSales(s3);
    await using world = await clusterWorld();
    const runner = await startRunner(world.grad(), world.namespace, "attacker");
    await attachSales(runner, s3);
    const { secretAccessKey } = s3.admin;
    assert.equal(await runner.code("print(open('/workspace/data/sales/part-1.csv').readline())"), "a,b\n\n");

    await test.step("code is refused the system calls that lead out of its container", async () => {
      const unfiltered = parse(await runner.python("kernel", ATTEMPTS));
      for (const name of OPEN_BY_DEFAULT) assert.equal(unfiltered[name], "done", name);
      assert.deepEqual(parse(await runner.code(ATTEMPTS)), EXPECTED);
    });

    await test.step("code sees the processes of its own container alone, and all are under our filter", async () => {
      const everything = parse(await runner.python("kernel", PROCESSES)) as SeenProcess[];
      // The one that the kubelet started has the filter of containerd and not ours: hence no probes and hooks in this container.
      const least = Math.min(...everything.map(({ filters }) => filters));
      const seen = parse(await runner.code(PROCESSES)) as SeenProcess[];
      assert.ok(seen.length >= 3, JSON.stringify(seen));
      for (const { pid, filters } of seen) assert.equal(filters, least + 1, `process ${pid}`);
      assert.equal(seen.find(({ pid }) => pid === 1)?.writable, false);
    });

    await test.step("code has no capabilities, no devices and no place to write but its own folders", async () => {
      assert.deepEqual(parse(await runner.code(RIGHTS)), {
        user: 1000,
        capabilities: "0000000000000000",
        noNewPrivileges: "1",
        devices: DEVICES,
        writable: [
          "/dev/shm",
          "/run/grad",
          "/tmp",
          "/var/tmp",
          "/workspace",
          "/workspace/code",
          "/workspace/outputs",
        ],
      });
      const devices = (await runner.exec("mount", "ls", "/dev")).split("\n");
      assert.ok(devices.includes("fuse"), "the mount component has devices");
    });

    await test.step("S3 keys are in the data component alone: in no file, process, object or log beside it", async () => {
      const search = `${SEARCH}print(search(${JSON.stringify([...secretAccessKey].reverse().join(""))}))`;
      assert.notEqual(await runner.python("data", search), "[]\n");
      for (const component of ["kernel", "agent"]) {
        assert.equal(await runner.python(component, search), "[]\n");
      }
      assert.equal(await runner.code(search), "[]\n");
      const kinds = "secrets,configmaps,pods,persistentvolumeclaims,events,runners.grad.dev";
      const objects = await kubectl("get", kinds, "-n", world.namespace, "-o", "yaml");
      assert.ok(objects.includes("tls.key") && !objects.includes(secretAccessKey));
      assert.ok(!objects.includes(btoa(secretAccessKey).replace(/=*$/, "").slice(0, -2)));
      for (const component of COMPONENTS) {
        const log = await kubectl("logs", "-n", world.namespace, runner.record.id, "-c", component);
        assert.ok(!log.includes(secretAccessKey), component);
      }
    });

    await test.step("code sees no certificate, no journal and no socket of another component, and no account", async () => {
      const has = (component: string) => runner.python(component, THINGS).then(parse);
      assert.deepEqual(await has("data"), ["/run/tls/tls.key", "/run/keys/applied", "/run/mount/mount.sock"]);
      assert.deepEqual(await has("agent"), ["/run/tls/tls.key", "/state/executions"]);
      assert.deepEqual(parse(await runner.code(THINGS)), []);
      // Every pod has this folder unless it is told otherwise.
      for (const component of COMPONENTS) {
        const account = await runner.python(component, ACCOUNT);
        assert.equal(account, "False\n", component);
      }
      assert.equal(await runner.code(SOCKETS), "[] True\n");
    });

    await test.step("memory and sockets that components share by name are out of code's reach", async () => {
      const victim = start(
        [
          "kubectl",
          "exec",
          "-n",
          world.namespace,
          runner.record.id,
          "-c",
          "agent",
          "--",
          "python3",
          "-c",
          VICTIM,
        ],
        { env: Deno.env.toObject(), cwd: "/" },
      );
      await victim.saw(/ready/);
      const seen = async (component: string) => parse(await runner.python(component, NEIGHBOUR));
      const reached = {
        "abstract unix socket": "reached",
        "System V shared memory": "reached",
        "POSIX message queue": "reached",
        "file in /dev/shm": "reached",
      };
      assert.deepEqual(await seen("data"), reached);
      // The kernel container has a /dev/shm of its own; the filter and Landlock do the rest.
      assert.deepEqual(await seen("kernel"), { ...reached, "file in /dev/shm": "ENOENT" });
      assert.deepEqual(parse(await runner.code(NEIGHBOUR)), {
        "abstract unix socket": "EPERM",
        "System V shared memory": "ENOSYS",
        "POSIX message queue": "ENOSYS",
        "file in /dev/shm": "ENOENT",
      });
      victim.signal("SIGKILL");
      await victim.ended;
    });

    await test.step("a data component that was taken over mounts at its datasets' places alone", async () => {
      const answers = parse(await runner.python("data", HOSTILE_MOUNTS));
      assert.match(answers.valid, /^ok .* ro,nosuid,nodev,relatime .* fuse\.s3fs /);
      delete answers.valid;
      for (const [request, answer] of Object.entries(answers)) {
        assert.match(`${answer}`, /^(error .+)?$/, request);
      }
      // What was mounted is gone with the process that asked for it, and nothing else has appeared.
      await eventually("the end of the mount", async () => {
        const mounts = await runner.exec("mount", "cat", "/proc/self/mountinfo");
        const places = [...mounts.matchAll(/^\S+ \S+ \S+ \S+ (\S+) .* - fuse/gm)].map(([, place]) => place);
        return JSON.stringify(places) === '["/workspace/data/sales"]' ? true : undefined;
      });
      assert.equal(
        await runner.code("print(open('/workspace/data/sales/part-1.csv').readline())"),
        "a,b\n\n",
      );
    });
  },
});

const RIGHTS = `
import json, os
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
writable = []
for folder, folders, _ in os.walk("/"):
    if folder in ("/proc", "/sys"): folders.clear(); continue
    probe = os.path.join(folder, ".grad-attack")
    try: open(probe, "w").close(); os.remove(probe); writable.append(folder)
    except OSError: continue
    # What is below belongs to code as well.
    if folder != "/workspace": folders.clear()
print(json.dumps({"user": os.getuid(), "capabilities": status["CapBnd"].strip(), "noNewPrivileges": status["NoNewPrivs"].strip(),
    "devices": sorted(set(os.listdir("/dev")) - {"core", "termination-log"}), "writable": sorted(writable)}))
`;

/** Paths in which a text stands, which is passed backwards so that the search does not find itself. */
const SEARCH = `
import os
def search(backwards):
    secret, found = backwards[::-1].encode(), []
    def look(path):
        try:
            with open(path, "rb") as file:
                if secret in file.read(1 << 24): found.append(path)
        except OSError: pass
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for name in ("environ", "cmdline"): look(f"/proc/{pid}/{name}")
    for top in ("/run", "/tmp", "/dev/shm", "/state", "/etc", "/workspace/code", "/workspace/outputs"):
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path): look(path)
    return found
`;

const THINGS = `
import json, os
def there(path):
    return os.path.exists(path) and (not os.path.isdir(path) or bool(os.listdir(path)))
print(json.dumps([path for path in ("/run/tls/tls.key", "/run/keys/applied", "/run/mount/mount.sock", "/state/executions") if there(path)]))
`;

const ACCOUNT = `import os; print(os.path.exists("/var/run/secrets/kubernetes.io"))`;

/** Folders of the unix sockets that code can connect to, but for those of its own component. */
const SOCKETS = `
import json, os, socket
found = set()
for folder, folders, names in os.walk("/"):
    if folder in ("/proc", "/sys"): folders.clear()
    for name in names:
        with socket.socket(socket.AF_UNIX) as client:
            try: client.connect(os.path.join(folder, name)); found.add(folder)
            except OSError: pass
print(json.dumps([folder for folder in found if not (folder + "/").startswith("/run/grad/")]), len(found) > 0)
`;

/** The ids of what the victim makes are the same for every container of the pod. */
const SHARED = `
import ctypes, errno, json, os, socket, time
libc = ctypes.CDLL(None, use_errno=True)
arm = os.uname().machine != "x86_64"
def call(*arguments):
    result = libc.syscall(*(ctypes.c_long(each) if isinstance(each, int) else each for each in arguments))
    if result < 0: raise OSError(ctypes.get_errno(), "")
SHMGET, MQ_OPEN, KEY = (194, 180, 0x67726164) if arm else (29, 240, 0x67726164)
`;

const VICTIM = `${SHARED}
os.umask(0)
server = socket.socket(socket.AF_UNIX); server.bind("\\0grad-victim"); server.listen()
call(SHMGET, KEY, 4096, 0o1666)
call(MQ_OPEN, b"grad-victim", os.O_CREAT | os.O_RDWR, 0o666, None)
open("/dev/shm/grad-victim", "w").close()
print("ready", flush=True)
time.sleep(120)
`;

const NEIGHBOUR = `${SHARED}
attempts = {
    "abstract unix socket": lambda: socket.socket(socket.AF_UNIX).connect("\\0grad-victim"),
    "System V shared memory": lambda: call(SHMGET, KEY, 4096, 0o666),
    "POSIX message queue": lambda: call(MQ_OPEN, b"grad-victim", os.O_RDONLY, 0, None),
    "file in /dev/shm": lambda: open("/dev/shm/grad-victim").close(),
}
outcomes = {}
for name, attempt in attempts.items():
    try: attempt(); outcomes[name] = "reached"
    except OSError as error: outcomes[name] = errno.errorcode[error.errno]
print(json.dumps(outcomes))
`;

/** Requests to the mount component, and its answers. */
const HOSTILE_MOUNTS = `
import json, os, socket
def ask(request, descriptors):
    ours, theirs = socket.socketpair()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect("/run/mount/mount.sock")
        if descriptors: socket.send_fds(connection, [request], [theirs.fileno()] * descriptors)
        else: connection.sendall(request)
        try: answer = connection.recv(4096).decode()
        except OSError as error: answer = f"error {error}"
        if answer == "ok":
            place = f" /workspace/data/{request.split()[0].decode()} "
            answer += " " + next(line for line in open("/proc/self/mountinfo") if place in line)
    ours.close(); theirs.close()
    return answer
requests = {
    "valid": (b"valid ro", 1),
    "parent": (b"../state ro", 1), "folder": (b"sales/x ro", 1), "this": (b". ro", 1), "absolute": (b"/etc ro", 1),
    "link": (b"..%2fetc ro", 1), "zero": (b"sales\\0x ro", 1), "newline": (b"sales\\n ro", 1), "empty": (b" ro", 1),
    "long": (b"a" * 60 + b" ro", 1), "option": (b"x ro,suid", 1), "access": (b"x suid", 1), "more": (b"x ro dev", 1),
    "without a descriptor": (b"x ro", 0), "not ASCII": (b"\\xff\\xfe ro", 1),
}
print(json.dumps({name: ask(*request) for name, request in requests.items()}))
`;
