import assert from "node:assert/strict";
import { join } from "node:path";
import { systemProcesses } from "../../../shared/process.ts";
import { mountBelow, removeFolder, tail } from "./runner_folders.ts";

async function scratch(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("removeFolder() follows no link and minds no missing right", () =>
  scratch(async (dir) => {
    const [outside, folder] = [join(dir, "outside"), join(dir, "volume")];
    await Deno.mkdir(join(folder, "locked"), { recursive: true });
    await Deno.mkdir(outside);
    await Deno.writeTextFile(join(outside, "precious"), "kept");
    await Deno.writeTextFile(join(folder, "locked", "file"), "");
    await Deno.symlink(outside, join(folder, "link"));
    await Deno.chmod(join(folder, "locked"), 0o000);
    await removeFolder(folder, systemProcesses);
    await removeFolder(folder, systemProcesses);
    await assert.rejects(Deno.lstat(folder), Deno.errors.NotFound);
    assert.equal(await Deno.readTextFile(join(outside, "precious")), "kept");
  }));

/** More levels than a path can have, each closed by its owner. */
const NEST = `
import os, sys
os.makedirs(sys.argv[1]); os.chdir(sys.argv[1])
for _ in range(20_000): os.mkdir("d"); os.chdir("d")
os.mkdir(b"\\xff"); os.chmod(b"\\xff", 0); os.chmod(".", 0)
`;

Deno.test("removeFolder() deletes folders nested so deeply that Deno.remove() would end the process", () =>
  scratch(async (dir) => {
    const folder = join(dir, "volume");
    const { code } = await new Deno.Command("python3", { args: ["-c", NEST, folder] }).output();
    assert.equal(code, 0);
    await removeFolder(folder, systemProcesses);
    await assert.rejects(Deno.lstat(folder), Deno.errors.NotFound);
  }));

Deno.test("removeFolder() deletes nothing where something is mounted", async () => {
  await assert.rejects(removeFolder("/proc", systemProcesses), /is a mount/);
});

Deno.test("mountBelow() reads escaped names and does not mistake a neighbour", () => {
  const line = (point: string) => `36 35 98:0 / ${point} rw - ext4 /dev/x rw`;
  assert.equal(mountBelow(line("/a/b\\040c/d"), "/a/b c"), "/a/b c/d");
  assert.equal(mountBelow(line("/a/bcd"), "/a/b"), undefined);
  assert.equal(mountBelow(line("/a/b"), "/a/b"), "/a/b");
});

Deno.test("tail() says once what a log says again and again", () =>
  scratch(async (dir) => {
    const log = join(dir, "log");
    assert.equal(await tail(log), "");
    await Deno.writeTextFile(log, `${"x".repeat(5_000)}\none\n${"same\n".repeat(9)}`);
    assert.match(await tail(log), /one \| same$/);
  }));
