import assert from "node:assert/strict";
import { join } from "node:path";
import { runnerPython } from "../../shared/local_paths.ts";
import { execute } from "../support/execution_document.ts";
import { program } from "../support/gractl.ts";
import { eventually, run, start } from "../support/process.ts";
import { REPOSITORY } from "../support/repository.ts";
import { suite } from "../support/suite.ts";
import { writeS3Dataset } from "../support/workspace_files.ts";

// Of processes on this machine.
const SECRET = `secret-${crypto.randomUUID()}`;
const scenario = suite({ only: "local" });

const limitOf = (pid: number) =>
  /^Max core file size +(\S+) +(\S+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/limits`))?.slice(1).join(" ");

/** Ends a child that has a secret in its memory by SIGQUIT, and says whether the system wrote its core. */
const DIE = `
import os, resource, signal, sys
limit = resource.getrlimit(resource.RLIMIT_CORE)[1]
if limit == 0: print("the machine allows no core files"); sys.exit()
child = os.fork()
if child == 0:
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
    secret = "the secret"
    os.kill(os.getpid(), signal.SIGQUIT)
print("core" if os.WCOREDUMP(os.waitpid(child, 0)[1]) else "none")
`;

scenario("no process that holds keys, and nothing that it starts, writes core files", async (world) => {
  const { backend, s3 } = world;
  const folder = await Deno.makeTempDir({ dir: backend.dir });
  const unprotected = await run([runnerPython(Deno.env.toObject()), "-c", DIE], {
    env: backend.env,
    cwd: folder,
  });
  assert.match(unprotected.stdout, /^(core|the machine allows no core files)$/m, unprotected.stderr);
  await Deno.remove(folder, { recursive: true });

  const cwd = await world.workspace();
  const { endpoint } = s3.server;
  await writeS3Dataset(backend, cwd, { name: "airlines", endpoint, bucket: s3.bucket, prefix: "airlines" });
  await execute(backend, cwd, "1", { env: s3.env });
  const found = backend.processes();
  const commands = [
    "grad serve",
    "grad_runner.init",
    "grad_runner.agent",
    "grad_runner.data",
    "s3fs",
    "grad_runner.kernel",
  ];
  for (const command of commands) {
    const pattern = new RegExp(command === "grad serve" ? "(grad\\S*|main\\.ts) serve" : command);
    assert.ok(found.some(({ argv }) => pattern.test(argv)), `${command} is not among the processes`);
  }
  const limits = found.map(({ pid, argv }) => [limitOf(pid), argv.slice(0, 100)] as const);
  assert.deepEqual(limits.filter(([limit]) => limit !== undefined && limit !== "0 0"), []);
});

/** Starts a program where core files are allowed, with a secret in its environment, which is part of its memory. */
function startWithCores(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
  const script = 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"';
  return start(["/bin/sh", "-c", script, "sh", ...argv], { env: { ...env, GRAD_TEST_WORD: SECRET }, cwd });
}

/** Whether the core file in the folder has the secret; undefined where the machine wrote none there. */
function secretInCore(folder: string): boolean | undefined {
  const core = [...Deno.readDirSync(folder)].find(({ name }) => name.startsWith("core"));
  if (core === undefined) return undefined;
  return new TextDecoder("latin1").decode(Deno.readFileSync(join(folder, core.name))).includes(SECRET);
}

scenario("a core file of a grad that has no program to forbid it has none of its memory", async (world) => {
  const dir = await Deno.makeTempDir({ dir: world.backend.dir });
  const [bare, own] = ["bare", "own"].map((name) => join(dir, name)) as [string, string];
  for (const folder of [bare, own]) await Deno.mkdir(folder);
  const unprotected = startWithCores(["sleep", "600"], bare, world.backend.env);
  await eventually(
    "sleep",
    () => Deno.readTextFileSync(`/proc/${unprotected.pid}/comm`) === "sleep\n" || undefined,
  );
  unprotected.signal("SIGQUIT");
  await unprotected.ended;
  const writesCores = secretInCore(bare);
  assert.notEqual(writesCores, false, "without the protection the secret is in the core");

  // As in the image of grad: neither a prlimit nor the launcher script.
  const main = [
    "run",
    "--quiet",
    "--no-check",
    "--frozen",
    "--allow-all",
    "--config",
    join(REPOSITORY, "deno.json"),
  ];
  const env = {
    ...world.backend.env,
    PATH: own,
    GRAD_STATE_DIR: join(dir, "s"),
    GRAD_RUNTIME_DIR: join(dir, "r"),
  };
  const grad = startWithCores(
    [Deno.execPath(), ...main, join(REPOSITORY, "grad/main.ts"), "serve", "--backend", "local"],
    own,
    env,
  );
  await grad.saw(/server\.ready/);
  assert.equal(Deno.readTextFileSync(`/proc/${grad.pid}/coredump_filter`), "00000000\n");
  grad.signal("SIGQUIT");
  const { stderr } = await grad.ended;
  assert.doesNotMatch(stderr, /core_files_allowed/);
  assert.equal(secretInCore(own), writesCores === undefined ? undefined : false);
  await Deno.remove(dir, { recursive: true });
}, { only: "local" });

scenario("a grad that a user starts where core files are allowed forbids them to itself", async (world) => {
  const dir = await Deno.makeTempDir({ dir: world.backend.dir });
  const env = { ...world.backend.env, GRAD_STATE_DIR: join(dir, "s"), GRAD_RUNTIME_DIR: join(dir, "r") };
  const script = 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"';
  const grad = start(["sh", "-c", script, "sh", ...program("grad"), "serve", "--backend", "local"], {
    env,
    cwd: dir,
  });
  try {
    await grad.saw(/server\.ready/);
    assert.equal(limitOf(grad.pid), "0 0");
  } finally {
    grad.signal("SIGTERM");
    await grad.ended;
  }
  await Deno.remove(dir, { recursive: true });
});
