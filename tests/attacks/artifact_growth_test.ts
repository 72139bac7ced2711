import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

const GROWN_BYTES = 200 * 2 ** 20;

/** Every file below a folder, with its size. */
function filesIn(folder: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) Object.assign(found, filesIn(path));
    else found[path] = Deno.lstatSync(path).size;
  }
  return found;
}

scenario("a file that was announced with 3 bytes and has grown since is not copied", async (world) => {
  const cwd = await world.workspace();
  const announced = await execute(world.backend, cwd, `open("outputs/bait", "w").write("abc");`, {
    args: ["--no-artifacts"],
  });
  assert.equal(announced.artifacts[0]?.bytes, 3);
  await execute(world.backend, cwd, `import os; os.truncate("outputs/bait", ${GROWN_BYTES})`, {
    args: ["--no-artifacts"],
  });
  // What is copied without an announcement is the live file, with the size that it has then: the attack would work.
  const live = await world.backend.gractl(["file", "get", "outputs/bait", "live", "-o", "json"], { cwd });
  assert.equal(live.exits(0).json().bytes, GROWN_BYTES);
  await Deno.remove(join(cwd, "live"));

  const args = ["execution", "attach", announced.id];
  const attached = await world.backend.gractl([...args, "-o", "json"], { cwd });
  assert.equal(attached.exits(0).json().artifacts[0].localPath, null);
  const told = await world.backend.gractl(args, { cwd });
  assert.match(told.stderr, new RegExp(`outputs/bait.*had 3 bytes, and has ${GROWN_BYTES} now`));
  const left = Object.entries(filesIn(join(cwd, "workspace"))).filter(([path]) => path.includes("bait"));
  assert.deepEqual(left, []);
});

scenario("a file of the announced size with other content is not copied", async (world) => {
  const cwd = await world.workspace();
  const announced = await execute(world.backend, cwd, `open("outputs/swap", "w").write("abc");`, {
    args: ["--no-artifacts"],
  });
  await execute(world.backend, cwd, `open("outputs/swap", "w").write("xyz");`, { args: ["--no-artifacts"] });
  const attached = await world.backend.gractl(["execution", "attach", announced.id], { cwd });
  assert.match(attached.exits(0).stderr, /outputs\/swap.*its content is not what was announced/);
  const left = Object.keys(filesIn(join(cwd, "workspace"))).filter((path) => path.includes("swap"));
  assert.deepEqual(left, []);
});

scenario("hundreds of large sparse files do not hold an execution up", async (world) => {
  const cwd = await world.workspace();
  // No disk space, and more than 12 GB to hash: without a budget that takes ten seconds or more on any machine.
  const code = `
for number in range(200):
    with open(f"outputs/sparse-{number:03}", "wb") as file: file.truncate(60 << 20)
with open("outputs/small", "w") as file: file.write("small")
`;
  const args = ["--no-artifacts", "--session", "sparse"];
  const got = await execute(world.backend, cwd, code, { args });
  assert.equal(got.artifacts.length, 201);
  const hashed = got.artifacts.filter(({ sha256 }) => sha256 !== null);
  assert.ok(hashed.some(({ path }) => path === "outputs/small"), "small files come first");
  assert.ok(hashed.length <= 1 + 1_024 / 60, `${hashed.length} of 201 files were hashed`);
  await execute(
    world.backend,
    cwd,
    "import glob, os\nfor path in glob.glob('outputs/sparse-*'): os.remove(path)",
  );
});
