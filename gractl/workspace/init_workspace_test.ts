import assert from "node:assert/strict";
import { join } from "node:path";
import { initWorkspace } from "./init_workspace.ts";
import { parseDataset } from "./parse_dataset.ts";
import { EXAMPLE_DATASET } from "./templates.ts";
import { CONFIG, fakeIds, tempDir } from "./testing/temp_dir.ts";
import { openWorkspace, readDatasets } from "./workspace.ts";

const ids = fakeIds();
const init = (dir: string, ifMissing = false) => initWorkspace(dir, { ids, ifMissing });

Deno.test("initWorkspace() creates a workspace that can be opened, and its parent folders", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a/b/workspace");
  assert.deepEqual(await init(path), { dir: path, created: true, notes: [] });
  const workspace = await openWorkspace({ cwd: path });
  assert.match(workspace.id, /^ws-[a-z0-9]{16}$/);
  assert.deepEqual(await readDatasets(workspace), []);
  assert.deepEqual((await dir.list()).filter((each) => each.includes("workspace/")), [
    "a/b/workspace/.gitignore",
    "a/b/workspace/config.yaml",
    "a/b/workspace/datasets",
    "a/b/workspace/datasets/example.yaml.txt",
    "a/b/workspace/runners",
  ]);
});

Deno.test("initWorkspace() accepts a folder with files and changes none of them", async () => {
  await using dir = await tempDir();
  await dir.write(".gitignore", "*.o\n");
  const { created, notes } = await init(dir.path);
  assert.equal(created, true);
  assert.match(notes.join(), /add \/runners\/ and \/outputs\//);
  assert.equal(await dir.read(".gitignore"), "*.o\n");
});

Deno.test("initWorkspace() refuses an existing workspace, unless ifMissing is set", async () => {
  await using dir = await tempDir();
  await dir.write("config.yaml", CONFIG);
  await assert.rejects(init(dir.path), { code: "workspace_exists", hint: /--if-missing/ });
  assert.deepEqual(await init(dir.path, true), { dir: dir.path, created: false, notes: [] });
  await assert.rejects(init(join(dir.path, "inner")), {
    code: "workspace_exists",
    message: /is inside the workspace/,
  });
  assert.deepEqual(await dir.list(), ["config.yaml"]);
});

for (
  const [name, obstacle] of [
    ["a file has the name of a folder", "workspace/runners"],
    ["the folder is a file", "workspace"],
  ] as const
) {
  Deno.test(`initWorkspace() creates nothing when ${name}`, async () => {
    await using dir = await tempDir();
    await dir.write(obstacle, "x");
    const before = await dir.list();
    await assert.rejects(init(join(dir.path, "workspace")), {
      code: "invalid_argument",
      message: /a file of this name exists/,
    });
    assert.deepEqual(await dir.list(), before);
  });
}

Deno.test("initWorkspace() creates nothing where another program has a config.yaml", async () => {
  await using dir = await tempDir();
  await dir.write("config.yaml", "port: 80\n");
  await assert.rejects(init(dir.path), { code: "workspace_exists", message: /another program/ });
  assert.deepEqual(await dir.list(), ["config.yaml"]);
});

Deno.test("initWorkspace() run twice at the same time creates one workspace", async () => {
  await using dir = await tempDir();
  const made = await Promise.allSettled([init(dir.path), init(dir.path), init(dir.path)]);
  assert.equal(made.filter(({ status }) => status === "fulfilled").length, 1);
  await openWorkspace({ cwd: dir.path });
  assert.deepEqual((await dir.list()).filter((each) => each.endsWith(".tmp")), []);
});

Deno.test("the example dataset of a new workspace is valid", async () => {
  const { faults } = await parseDataset(new TextEncoder().encode(EXAMPLE_DATASET), {
    file: "/w/datasets/flights.yaml",
    home: undefined,
  });
  assert.deepEqual(faults, []);
});
