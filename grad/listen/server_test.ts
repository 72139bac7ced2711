import assert from "node:assert/strict";
import { WORKSPACE } from "../runners/testing/records.ts";
import { served } from "../runners/testing/served.ts";
import { call, clients } from "../rpc/testing/clients.ts";
import { claimSocket } from "./socket_claim.ts";

const unsanitized = { sanitizeOps: false, sanitizeResources: false };
const ref = { workspaceId: WORKSPACE, name: "runner-1" };

Deno.test({
  name: "serve() ends without ending runners, and removes its socket",
  ...unsanitized,
  fn: async () => {
    await using grad = await served();
    using all = clients(grad.address);
    await call(all.runner.createRunner.bind(all.runner), { ref });
    await grad.stop();
    assert.equal(grad.machine.up.size, 1);
    await assert.rejects(Deno.lstat(grad.address.slice("unix:".length)), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "serve() gives nobody else access to its socket, and refuses a message that is too large",
  ...unsanitized,
  fn: async () => {
    await using grad = await served();
    assert.equal((await Deno.lstat(grad.address.slice("unix:".length))).mode! & 0o777, 0o600);
    using all = clients(grad.address);
    const request = { clientVersion: "x".repeat(9 << 20), api: 1 };
    await assert.rejects(call(all.system.handshake.bind(all.system), request), {
      status: "RESOURCE_EXHAUSTED",
    });
  },
});

async function scratch(body: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(`${dir}/grad.sock`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("claimSocket() refuses a socket that is served, and takes over a stale one", () =>
  scratch(async (path) => {
    const first = await claimSocket(path);
    await assert.rejects(claimSocket(path), {
      code: "grad_unavailable",
      message: /the grad of another state folder does/,
    });
    first[Symbol.dispose]();
    const dead = Deno.listen({ transport: "unix", path });
    // Closing removes the path, which a killed process does not.
    await Deno.link(path, `${path}.saved`);
    dead.close();
    await Deno.rename(`${path}.saved`, path);
    (await claimSocket(path))[Symbol.dispose]();
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  }));

Deno.test("claimSocket() removes nothing that is not a socket, and releases its lock", () =>
  scratch(async (path) => {
    await Deno.writeTextFile(path, "mine");
    await assert.rejects(claimSocket(path), { code: "invalid_argument" });
    assert.equal(await Deno.readTextFile(path), "mine");
    await Deno.remove(path);
    (await claimSocket(path))[Symbol.dispose]();
  }));

Deno.test({
  name: "claimSocket() leaves no file open when it refuses",
  sanitizeResources: true,
  fn: () =>
    scratch(async (path) => {
      using _first = await claimSocket(path);
      await assert.rejects(claimSocket(path), { code: "grad_unavailable" });
    }),
});

Deno.test("claimSocket() makes a folder and a lock that only their user can open, at a path of up to 107 bytes", () =>
  scratch(async (beside) => {
    const folder = `${beside}.d`;
    const path = `${folder}/${"x".repeat(107 - folder.length - 1)}`;
    using _claim = await claimSocket(path);
    const modes = await Promise.all([folder, `${path}.lock`].map(Deno.stat));
    assert.deepEqual(modes.map(({ mode }) => mode! & 0o777), [0o700, 0o600]);
    await assert.rejects(claimSocket(`${path}x`), { code: "invalid_argument" });
  }));

Deno.test("claimSocket() refuses a path that no socket can have", async () => {
  await assert.rejects(claimSocket(`/tmp/${"x".repeat(120)}`), {
    code: "invalid_argument",
    message: /107 bytes/,
  });
});
