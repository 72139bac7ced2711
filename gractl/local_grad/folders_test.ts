import assert from "node:assert/strict";
import { foldersOf } from "./folders.ts";

Deno.test("foldersOf() takes the folders that grad takes", async () => {
  const uid = Deno.uid()!;
  const runtime = await Deno.makeTempDir();
  try {
    assert.deepEqual(foldersOf({ HOME: "/home/a", XDG_RUNTIME_DIR: runtime }, uid), {
      stateDir: "/home/a/.local/state/grad",
      defaultAddress: `unix:${runtime}/grad/grad.sock`,
    });
    assert.equal(
      foldersOf({ XDG_RUNTIME_DIR: runtime }, uid + 1).defaultAddress,
      `unix:/tmp/grad-${uid + 1}/grad.sock`,
    );
  } finally {
    await Deno.remove(runtime);
  }
});

for (const name of ["GRAD_STATE_DIR", "GRAD_RUNTIME_DIR"]) {
  Deno.test(`foldersOf() refuses a relative ${name}`, () => {
    assert.equal(foldersOf({ GRAD_STATE_DIR: "/a", GRAD_RUNTIME_DIR: "/b" }, 0).stateDir, "/a");
    assert.throws(() => foldersOf({ [name]: "a" }, 0), {
      code: "invalid_argument",
      hint: `Set ${name} to an absolute path.`,
    });
  });
}
