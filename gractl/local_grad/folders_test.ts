import assert from "node:assert/strict";
import { join } from "node:path";
import { ensureRuntimeFolder, faultOfPrivateFolder, foldersOf } from "./folders.ts";

const user = { uid: 1000, ownsXdgRuntimeDir: true };

const cases: [name: string, env: Record<string, string>, owns: boolean, state: string, socket: string][] = [
  ["the usual places", { HOME: "/home/a" }, false, "/home/a/.local/state/grad", "/tmp/grad-1000/grad.sock"],
  [
    "XDG's places",
    { HOME: "/home/a", XDG_STATE_HOME: "/s", XDG_RUNTIME_DIR: "/run/user/1000" },
    true,
    "/s/grad",
    "/run/user/1000/grad/grad.sock",
  ],
  [
    "not somebody else's XDG_RUNTIME_DIR",
    { HOME: "/root", XDG_RUNTIME_DIR: "/run/user/7" },
    false,
    "/root/.local/state/grad",
    "/tmp/grad-1000/grad.sock",
  ],
  ["what is told", { GRAD_STATE_DIR: "/a", GRAD_RUNTIME_DIR: "/b" }, true, "/a", "/b/grad.sock"],
];
for (const [name, env, ownsXdgRuntimeDir, state, socket] of cases) {
  Deno.test(`foldersOf() takes ${name}`, () => {
    const folders = foldersOf(env, { uid: 1000, ownsXdgRuntimeDir });
    assert.deepEqual([folders.stateDir, folders.socket], [state, socket]);
  });
}

Deno.test("foldersOf() refuses a socket's path that is too long, and relative folders", () => {
  const long = { GRAD_RUNTIME_DIR: `/tmp/${"x".repeat(100)}` };
  assert.throws(() => foldersOf(long, user), { code: "invalid_argument", hint: /GRAD_RUNTIME_DIR/ });
  assert.throws(() => foldersOf({ GRAD_STATE_DIR: "a" }, user), {
    code: "invalid_argument",
    hint: /GRAD_STATE_DIR/,
  });
});

const folder = { isSymlink: false, isDirectory: true, uid: 1000, mode: 0o40700 };
const faults: [name: string, stat: typeof folder, fault: RegExp | undefined][] = [
  ["a private folder", folder, undefined],
  ["a link", { ...folder, isSymlink: true }, /symbolic link/],
  ["a file", { ...folder, isDirectory: false }, /not a folder/],
  ["another user's", { ...folder, uid: 7 }, /user 7/],
  ["one that others may enter", { ...folder, mode: 0o40755 }, /mode 755/],
];
for (const [name, stat, fault] of faults) {
  Deno.test(`faultOfPrivateFolder() judges ${name}`, () => {
    const found = faultOfPrivateFolder(stat, 1000);
    if (fault === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", fault);
  });
}

Deno.test("ensureRuntimeFolder() makes a private folder, and refuses one that others may enter", async () => {
  const dir = await Deno.makeTempDir({ prefix: "gractl-test-" });
  const uid = Deno.uid()!;
  try {
    await ensureRuntimeFolder(join(dir, "new"), uid);
    assert.equal((await Deno.stat(join(dir, "new"))).mode! & 0o777, 0o700);
    await Deno.mkdir(join(dir, "open"), { mode: 0o755 });
    await Deno.chmod(join(dir, "open"), 0o755);
    await assert.rejects(ensureRuntimeFolder(join(dir, "open"), uid), {
      code: "grad_unavailable",
      hint: /chmod 700/,
    });
    await Deno.symlink(join(dir, "new"), join(dir, "link"));
    await assert.rejects(ensureRuntimeFolder(join(dir, "link"), uid), { code: "grad_unavailable" });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
