import assert from "node:assert/strict";
import { join } from "node:path";
import { writeContexts } from "../../gractl/auth/testing/context_home.ts";
import { type Backend } from "../support/backend.ts";
import { execute, executeCall } from "../support/execution_document.ts";
import { machine } from "../support/machine.ts";

/** A folder that has every program of this machine's PATH but `missing`. */
async function pathWithout(backend: Backend, missing: string): Promise<string> {
  const folder = join(backend.dir, `without-${missing}`);
  await Deno.mkdir(folder);
  for (const dir of (backend.env["PATH"] ?? "").split(":")) {
    const entries = await Array.fromAsync(Deno.readDir(dir)).catch(() => []);
    for (const { name } of entries) {
      if (name !== missing) await Deno.symlink(join(dir, name), join(folder, name)).catch(() => {});
    }
  }
  return folder;
}

machine("stale sockets are no obstacle: of a grad that was killed, and of components", async (backend) => {
  const cwd = await backend.makeWorkspace();
  await execute(backend, cwd, "print('good')");
  (await backend.gractl(["runner", "destroy", "runner-1"], { cwd })).exits(0);
  await backend.killGrad();
  const socket = join(backend.env["GRAD_RUNTIME_DIR"] ?? "", "grad.sock");
  assert.ok((await Deno.lstat(socket)).isSocket, "kill -9 leaves the socket");
  assert.equal((await execute(backend, cwd, "print('again')")).stdout, "again\n");
});

machine("a plain file in the socket's place is told, not removed", async (backend) => {
  const cwd = await backend.makeWorkspace();
  const runtime = backend.env["GRAD_RUNTIME_DIR"] ?? "";
  await Deno.mkdir(runtime, { recursive: true, mode: 0o700 });
  const socket = join(runtime, "grad.sock");
  await Deno.writeTextFile(socket, "mine");
  const call = await executeCall(backend, cwd, "1", { deadlineMs: 60_000 });
  assert.equal(call.exits(3).error().code, "grad_unavailable");
  assert.equal(await Deno.readTextFile(socket), "mine");
  await Deno.remove(socket);
  assert.equal((await execute(backend, cwd, "print('good')")).stdout, "good\n");
});

machine(
  "a runtime folder that others may enter is closed to them, and a link in its place is refused",
  async (backend) => {
    const cwd = await backend.makeWorkspace();
    const runtime = backend.env["GRAD_RUNTIME_DIR"] ?? "";
    await Deno.mkdir(`${runtime}-elsewhere`, { recursive: true, mode: 0o700 });
    await Deno.symlink(`${runtime}-elsewhere`, runtime);
    const call = await executeCall(backend, cwd, "1", { deadlineMs: 60_000 });
    assert.equal(call.exits(3).error().code, "grad_unavailable");
    assert.match(`${call.error().message} ${call.error().hint}`, /symbolic link/i);
    await Deno.remove(runtime);
    await Deno.mkdir(runtime);
    await Deno.chmod(runtime, 0o777);
    assert.equal((await execute(backend, cwd, "print('good')")).stdout, "good\n");
    assert.equal((await Deno.stat(runtime)).mode! & 0o777, 0o700);
  },
);

machine("a grad that cannot start is told, with where to look", async (backend) => {
  const cwd = await backend.makeWorkspace();
  const env = { GRACTL_GRAD: "/bin/false" };
  const call = await executeCall(backend, cwd, "1", { env, deadlineMs: 60_000 });
  assert.equal(call.exits(3).error().code, "grad_unavailable");
  assert.match(`${call.error().message} ${call.error().hint}`, /grad\.log|doctor|GRACTL_GRAD/);
  const absent = await executeCall(backend, cwd, "1", {
    env: { GRACTL_GRAD: "/nowhere/grad" },
    deadlineMs: 60_000,
  });
  assert.equal(absent.exits(3).error().code, "grad_unavailable");
  const status = await backend.gractl(["grad", "status", "-o", "json"], { cwd });
  assert.ok([0, 3].includes(status.code), `${status}`);
  assert.equal((await execute(backend, cwd, "print('good')")).stdout, "good\n");
});

machine("a runner without its Python environment is told, and made once it is there", async (backend) => {
  const cwd = await backend.makeWorkspace();
  const env = { GRAD_RUNNER_PYTHON: "/nowhere/python" };
  const call = await executeCall(backend, cwd, "1", { env, deadlineMs: 90_000 });
  assert.ok(["runner_failed", "grad_unavailable"].includes(call.exits(3).error().code), `${call}`);
  assert.match(call.error().message, /\/nowhere\/python/);
  (await backend.gractl(["grad", "stop"], { cwd })).exits(0);
  assert.equal((await execute(backend, cwd, "print('good')")).stdout, "good\n");
});

machine("without bubblewrap code does not run unprotected", async (backend) => {
  const cwd = await backend.makeWorkspace();
  const env = { PATH: await pathWithout(backend, "bwrap") };
  const call = await executeCall(backend, cwd, "1", { env, deadlineMs: 90_000 });
  assert.equal(call.exits(3).error().code, "sandbox_unavailable");
  assert.match(`${call.error().message} ${call.error().hint}`, /bwrap|bubblewrap/);
  const doctor = await backend.gractl(["doctor", "-o", "json"], { cwd, env });
  assert.match(doctor.stdout, /bwrap|bubblewrap/);
  (await backend.gractl(["grad", "stop"], { cwd })).exits(0);
  assert.equal((await execute(backend, cwd, "print('good')")).stdout, "good\n");
});

machine("--unsafe-no-sandbox is the explicit way round", async (backend) => {
  const cwd = await backend.makeWorkspace();
  const env = { PATH: await pathWithout(backend, "bwrap") };
  (await backend.gractl(["grad", "start", "--unsafe-no-sandbox"], { cwd, env })).exits(0);
  assert.equal((await execute(backend, cwd, "print('unprotected')", { env })).stdout, "unprotected\n");
});

machine("a context where no grad is, is told", async (backend) => {
  const cwd = await backend.makeWorkspace();
  await writeContexts(backend.env["HOME"]!, { nobody: `unix:${backend.dir}/nobody.sock` });
  const args = ["--context", "nobody"];
  const call = await executeCall(backend, cwd, "1", { args, deadlineMs: 60_000 });
  assert.equal(call.exits(3).error().code, "grad_unavailable");
});

machine(
  "a context of the network without a token is told to log in, and nothing is sent",
  async (backend) => {
    const cwd = await backend.makeWorkspace();
    await writeContexts(backend.env["HOME"]!, { cloud: "https://127.0.0.1:1" });
    const call = await executeCall(backend, cwd, "1", { args: ["--context", "cloud"] });
    assert.equal(call.exits(3).error().code, "unauthenticated");
  },
);

machine("a grad whose socket others could replace is given neither code nor keys", async (backend) => {
  const cwd = await backend.makeWorkspace();
  (await backend.gractl(["grad", "start"], { cwd })).exits(0);
  const folder = backend.env["GRAD_RUNTIME_DIR"] ?? "";
  assert.equal((await execute(backend, cwd, "print('good')")).stdout, "good\n");
  await Deno.chmod(folder, 0o777);
  try {
    const call = await executeCall(backend, cwd, "1", { deadlineMs: 60_000 });
    assert.equal(call.exits(3).error().code, "permission_denied");
  } finally {
    await Deno.chmod(folder, 0o700);
  }
});
