import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { claimSocket } from "./socket_claim.ts";

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ dir: "/tmp" });
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const modeOf = async (path: string) => (await Deno.lstat(path)).mode! & 0o777;

Deno.test("claimSocket() makes the folder and the lock for its user only", () =>
  inFolder(async (dir) => {
    const path = join(dir, "deep", "er", "grad.sock");
    using _ = await claimSocket(path);
    assert.equal(await modeOf(dirname(path)), 0o700);
    assert.equal(await modeOf(`${path}.lock`), 0o600);
  }));

Deno.test("claimSocket() takes a path of 107 bytes, and none of 108", () =>
  inFolder(async (dir) => {
    const longest = `${dir}/${"x".repeat(107 - dir.length - 1)}`;
    (await claimSocket(longest))[Symbol.dispose]();
    await assert.rejects(claimSocket(`${longest}x`), {
      code: "invalid_argument",
      message: /at most 107 bytes/,
    });
    // Bytes count, not characters.
    await assert.rejects(claimSocket(`${longest.slice(0, -1)}ü`), { code: "invalid_argument" });
  }));

Deno.test("claimSocket() can be made again after its end, and not before", () =>
  inFolder(async (dir) => {
    const path = join(dir, "grad.sock");
    const first = await claimSocket(path);
    await assert.rejects(claimSocket(path), { code: "grad_unavailable" });
    first[Symbol.dispose]();
    using _ = await claimSocket(path);
    await assert.rejects(claimSocket(path), { code: "grad_unavailable" });
  }));
