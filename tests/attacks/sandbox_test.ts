import assert from "node:assert/strict";
import { join } from "node:path";
import { runnerPython } from "../../shared/local_paths.ts";
import { execute } from "../support/execution_document.ts";
import { environOf } from "../support/proc.ts";
import { run } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";
import { writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

/** Runs the same code on the bare machine, to show that it would succeed. */
async function unprotected(world: World, code: string): Promise<string> {
  const env = { ...world.backend.env, ...world.s3.env };
  const ended = await run([runnerPython(Deno.env.toObject()), "-c", code], { env, cwd: world.backend.dir });
  assert.equal(ended.code, 0, ended.stderr);
  return ended.stdout;
}

async function withDataset(world: World): Promise<string> {
  const cwd = await world.workspace();
  const { s3 } = world;
  await writeS3Dataset(world.backend, cwd, {
    name: "airlines",
    endpoint: s3.server.endpoint,
    bucket: s3.bucket,
    prefix: "airlines",
  });
  return cwd;
}

scenario("code cannot read the user's files, grad's state or a workspace on the laptop", async (world) => {
  const cwd = await withDataset(world);
  const home = world.backend.env["HOME"] ?? "";
  await Deno.writeTextFile(join(home, "diary.txt"), "private");
  await execute(world.backend, cwd, "1", { env: world.s3.env });
  const paths = [
    join(home, "diary.txt"),
    join(cwd, "workspace/config.yaml"),
    world.backend.env["GRAD_STATE_DIR"] ?? "",
  ];
  const code = `
import os
for path in ${JSON.stringify(paths)}:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path).read()
        print("read")
    except OSError: print("refused")
`;
  assert.equal(await unprotected(world, code), "read\nread\nread\n");
  assert.equal(
    (await execute(world.backend, cwd, code, { env: world.s3.env })).stdout,
    "refused\n".repeat(3),
  );
}, { only: "local" });

scenario("code sees no keys: not in its environment, nor in another process's", async (world) => {
  const cwd = await withDataset(world);
  (await world.backend.gractl(["grad", "stop"])).exits(0);
  (await world.backend.gractl(["grad", "start"], { env: world.s3.env })).exits(0);
  const code = `
import os
found = set()
for pid in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline"):
        try: text = open(f"/proc/{pid}/{name}", "rb").read()
        except OSError: continue
        if b"AWS_" in text or b"s3cr3t" in text: found.add(pid)
print(len(found) > 0)
print(any("AWS" in name or "s3cr3t" in value for name, value in os.environ.items()))
`;
  assert.equal(await unprotected(world, code), "True\nTrue\n");
  assert.equal((await execute(world.backend, cwd, code, { env: world.s3.env })).stdout, "False\nFalse\n");
  // Nor do grad and the components inherit what gractl's caller had, though this call has started them.
  for (const { pid, argv } of world.backend.processes()) {
    if (argv.startsWith("s3fs ")) continue; // the one that needs them
    assert.ok(!environOf(pid).includes(world.s3.reader.secretAccessKey), argv);
  }
}, { only: "local" });

scenario("code reaches no network, unless the runner was made for it", async (world) => {
  const cwd = await withDataset(world);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  void (async () => {
    try {
      for await (const connection of listener) connection.close();
    } catch {
      // Closed at the end.
    }
  })();
  const code = `
import socket
try: socket.create_connection(("127.0.0.1", ${port}), 3).close(); print("connected")
except OSError: print("refused")
`;
  assert.equal(await unprotected(world, code), "connected\n");
  const open = ["runner", "create", "open", "--network", "full", "-o", "json"];
  (await world.backend.gractl(open, { cwd })).exits(0);
  const env = world.s3.env;
  assert.equal(
    (await execute(world.backend, cwd, code, { env, args: ["--runner", "open"] })).stdout,
    "connected\n",
  );
  assert.equal((await execute(world.backend, cwd, code, { env })).stdout, "refused\n");
  const missing = (args: string[]) =>
    execute(world.backend, cwd, "import nosuchmodule", { env, args, exit: 1 });
  assert.match((await missing([])).error!.hint, /code has no network/);
  const hint = (await missing(["--runner", "open"])).error!.hint;
  assert.match(hint, /nosuchmodule/);
  assert.doesNotMatch(hint, /no network/);
  (await world.backend.gractl(["runner", "destroy", "open"], { cwd })).exits(0);
}, { only: "local" });

scenario(
  "code is nobody special: no capabilities, no other processes, no writing outside of its folders",
  async (world) => {
    const cwd = await withDataset(world);
    const code = `
import os
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(os.getuid() != 0, int(status["CapEff"].strip(), 16), status["NoNewPrivs"].strip())
print(len([p for p in os.listdir("/proc") if p.isdigit()]) < 30)
for path in ("/usr/x", "/opt/grad/venv/x", "/etc/x", "/workspace/data/x", "/workspace/data/airlines/x"):
    try: open(path, "w"); print("wrote", path)
    except OSError: print("refused")
for path in ("/workspace/outputs/x", "/workspace/code/x", "/tmp/x"):
    open(path, "w").close()
print("ours")
`;
    const got = await execute(world.backend, cwd, code, { env: world.s3.env });
    assert.equal(got.stdout, `True 0 1\nTrue\n${"refused\n".repeat(5)}ours\n`);
  },
);

scenario("code cannot reach the sockets of grad, agent, data component or init", async (world) => {
  const cwd = await withDataset(world);
  const runtime = world.backend.env["GRAD_RUNTIME_DIR"] ?? "";
  await execute(world.backend, cwd, "1", { env: world.s3.env });
  const code = (root: string) => `
import os, socket
found = set()
for folder, _, files in os.walk(${JSON.stringify(root)}):
    for name in files:
        if name.endswith(".sock"):
            s = socket.socket(socket.AF_UNIX)
            try: s.connect(os.path.join(folder, name)); found.add(name)
            except OSError: pass
print(sorted(found - {"supervisor.sock"}))
`;
  const all = await unprotected(world, code(runtime));
  for (const name of ["grad.sock", "agent.sock", "data.sock", "init.sock"]) {
    assert.match(all, new RegExp(name));
  }
  const inside = `${code("/run")}${code(runtime)}${code("/tmp")}`;
  assert.equal((await execute(world.backend, cwd, inside, { env: world.s3.env })).stdout, "[]\n[]\n[]\n");
}, { only: "local" });

scenario("no process of a runner has inherited a socket of grad", async (world) => {
  const cwd = await withDataset(world);
  await execute(world.backend, cwd, "1", { env: world.s3.env });
  // Only root may look at the descriptors of a process that protects its memory.
  const mayLook = (pid: number) => {
    try {
      Deno.readDirSync(`/proc/${pid}/fd`).next();
      return true;
    } catch (thrown) {
      if (Deno.uid() !== 0 && thrown instanceof Deno.errors.PermissionDenied) return false;
      throw thrown;
    }
  };
  const sockets = (pid: number): Set<string> =>
    new Set(
      [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => {
        try {
          return Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
        } catch {
          return ""; // closed meanwhile
        }
      }).filter((target) => target.startsWith("socket:")),
    );
  const grad = world.backend.grad();
  assert.ok(grad !== undefined);
  const ours = sockets(grad.pid);
  assert.ok(ours.size > 0, "grad has no socket");
  for (const { pid, argv } of world.backend.processes()) {
    if (pid === grad.pid || !mayLook(pid)) continue;
    const shared: Set<string> = sockets(pid).intersection(ours);
    assert.equal(shared.size, 0, `${argv.slice(0, 200)} holds ${[...shared]} of grad`);
  }
}, { only: "local" });
