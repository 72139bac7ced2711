/**
 * Attack: code in a sandbox makes namespaces and sockets, traces and reads other processes, and uses parts of the kernel that have
 * had many faults; leaves files on the machine that run with its user's rights; makes whoever opens a file wait; and it writes the memory of a process that nothing stops, to do these things there.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inBareSandbox } from "../support/bare_sandbox.ts";
import { ATTEMPTS, EXPECTED, PROCESSES, type SeenProcess } from "../support/code_that_attacks.ts";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

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
  (await backend.gractl(["runner", "create", "open", ...backend.networkOptions], { cwd })).exits(0);
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

scenario("every process that code can see is under the filter", async ({ backend, workspace }) => {
  // Without --as-pid-1 the first process is bwrap's own: unfiltered, and its memory can be written.
  const change = (argv: readonly string[]) => argv.filter((part) => part !== "--as-pid-1");
  const dir = join(backend.dir, "bare-first");
  const bare = JSON.parse(await inBareSandbox({ dir, code: PROCESSES, change })) as SeenProcess[];
  // A machine that is a container may have filters of its own, and a container of a cluster has one.
  const outside = bare[0]!.filters;
  assert.deepEqual(bare[0], { pid: 1, filters: outside, writable: true });

  const expected = outside + (backend.name === "local" ? 1 : 2);
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
  const seen = JSON.parse((await execute(backend, cwd, children + PROCESSES)).stdout) as SeenProcess[];
  assert.ok(seen.length >= 6, JSON.stringify(seen));
  for (const { pid, filters } of seen) assert.equal(filters, expected, `process ${pid}`);
  // The supervisor enforces the limits: its memory is closed although it is filtered as well.
  assert.deepEqual(seen.find(({ pid }) => pid === 1), { pid: 1, filters: expected, writable: false });
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
}, { only: "local" });
