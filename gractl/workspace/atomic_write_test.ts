import assert from "node:assert/strict";
import { join } from "node:path";
import { writeAtomically } from "./atomic_write.ts";
import { fakeIds, tempDir } from "./testing/temp_dir.ts";

Deno.test("writeAtomically() replaces a file, keeps its permissions and leaves no other file", async () => {
  await using dir = await tempDir();
  const file = await dir.write("config.yaml", "old");
  await Deno.chmod(file, 0o640);
  await writeAtomically(file, "new", { ids: fakeIds(), exclusive: false });
  assert.equal(await dir.read("config.yaml"), "new");
  assert.equal((await Deno.stat(file)).mode! & 0o777, 0o640);
  assert.deepEqual(await dir.list(), ["config.yaml"]);
});

Deno.test("writeAtomically() replaces the target of a link", async () => {
  await using dir = await tempDir();
  await dir.write("real.yaml", "old");
  await Deno.symlink("real.yaml", join(dir.path, "config.yaml"));
  await writeAtomically(join(dir.path, "config.yaml"), "new", { ids: fakeIds(), exclusive: false });
  assert.equal(await dir.read("real.yaml"), "new");
  assert.ok((await Deno.lstat(join(dir.path, "config.yaml"))).isSymlink);
});

Deno.test("writeAtomically() with exclusive never replaces a file", async () => {
  await using dir = await tempDir();
  const file = await dir.write("a.yaml", "old");
  await assert.rejects(
    writeAtomically(file, "new", { ids: fakeIds(), exclusive: true }),
    Deno.errors.AlreadyExists,
  );
  assert.equal(await dir.read("a.yaml"), "old");
  assert.deepEqual(await dir.list(), ["a.yaml"]);
});
