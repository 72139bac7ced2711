import assert from "node:assert/strict";
import { join } from "node:path";
import { writeContexts } from "../../gractl/auth/testing/context_home.ts";
import type { Backend } from "../support/backend.ts";
import { execute } from "../support/execution_document.ts";
import { machine } from "../support/machine.ts";

// One state folder, whatever environment gractl is called from: a terminal, CI, an MCP client.

/** What a login shell has, and what a program that was started by something else has. */
async function environments(backend: Backend) {
  const runtimeDir = join(backend.dir, "xdg");
  await Deno.mkdir(runtimeDir, { mode: 0o700 });
  const other = join(backend.dir, "xdg2");
  await Deno.mkdir(other, { mode: 0o700 });
  return {
    login: { GRAD_RUNTIME_DIR: "", XDG_RUNTIME_DIR: runtimeDir },
    other: { GRAD_RUNTIME_DIR: "", XDG_RUNTIME_DIR: other },
    bare: { GRAD_RUNTIME_DIR: "", XDG_RUNTIME_DIR: "" },
  };
}

function grads(backend: Backend): number {
  // Parents are counted: while gractl starts grad, a shell with the same arguments may run.
  const found = backend.processes().filter((info) => /(main\.ts|grad|grad\.js) serve/.test(info.argv));
  return new Set(found.map((info) => info.parent)).size;
}

machine("gractl finds the same grad, runner and variables from every environment", async (backend) => {
  const cwd = await backend.makeWorkspace();
  const { login, other, bare } = await environments(backend);
  await execute(backend, cwd, "x = 1", { env: login });
  // Another folder first: on a fault the call without any would reach this machine's own grad.
  assert.equal((await execute(backend, cwd, "print(x); y = 2", { env: other })).stdout, "1\n");
  assert.equal((await execute(backend, cwd, "print(x, y); z = 3", { env: bare })).stdout, "1 2\n");
  assert.equal((await execute(backend, cwd, "print(x, y, z)", { env: login })).stdout, "1 2 3\n");
  assert.equal(grads(backend), 1);
});

machine(
  "a grad that is started from another environment finds the runners of the one before",
  async (backend) => {
    const cwd = await backend.makeWorkspace();
    const { login, other } = await environments(backend);
    await execute(backend, cwd, "x = 1", { env: login });
    (await backend.gractl(["grad", "stop"], { cwd, env: other })).exits(0);
    assert.equal((await execute(backend, cwd, "print(x)", { env: other })).stdout, "1\n");
    await backend.killGrad();
    assert.equal((await execute(backend, cwd, "print(x)", { env: login })).stdout, "1\n");
    assert.equal(grads(backend), 1);
  },
);

machine(
  "a context names a grad by its socket, from an environment that does not know its folders",
  async (backend) => {
    const cwd = await backend.makeWorkspace();
    const folder = join(backend.dir, "lab");
    await Deno.mkdir(folder, { mode: 0o700 });
    const socket = `unix:${folder}/grad.sock`;
    (await backend.gractl(["grad", "start"], { cwd, env: { GRAD_LISTEN: socket } })).exits(0);
    await writeContexts(backend.env["HOME"]!, { lab: socket });
    const env = { GRAD_STATE_DIR: join(backend.dir, "other-state"), GRAD_RUNTIME_DIR: "" };
    for (const from of [{ GRACTL_CONTEXT: "lab" }, {}]) {
      const args = "GRACTL_CONTEXT" in from ? [] : ["--context", "lab"];
      assert.equal(
        (await execute(backend, cwd, "print('good')", { args, env: { ...env, ...from } })).stdout,
        "good\n",
      );
    }
    (await backend.gractl(["config", "set", "grad", "lab"], { cwd })).exits(0);
    const status = await backend.gractl(["workspace", "status", "-o", "json"], { cwd, env });
    const { context, address, reachable } = status.exits(0).json().grad;
    assert.deepEqual({ context, address, reachable }, { context: "lab", address: socket, reachable: true });
    (await backend.gractl(["config", "set", "grad", "local"], { cwd })).exits(0);
  },
);
