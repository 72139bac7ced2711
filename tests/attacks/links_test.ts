import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite, type World } from "../support/suite.ts";

const scenario = suite();

const PRIVATE = "mine, and nobody else's\n";

/** A folder and a file of the user outside of the workspace, to which a clone's links lead. */
async function targets(world: World): Promise<{ folder: string; file: string; list(): Promise<string[]> }> {
  const folder = await Deno.makeTempDir({ dir: world.backend.dir, prefix: "private-" });
  const file = join(folder, "bashrc");
  await Deno.writeTextFile(file, PRIVATE);
  return {
    folder,
    file,
    async list() {
      assert.equal(await Deno.readTextFile(file), PRIVATE);
      return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    },
  };
}

async function link(target: string, path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.remove(path, { recursive: true }).catch(() => {});
  await Deno.symlink(target, path);
}

/** Without protection a write through the link reaches the target: what gractl did, and what any program does. */
async function leadsOutside(path: string, target: string): Promise<void> {
  await Deno.writeTextFile(path, "led astray");
  assert.equal(await Deno.readTextFile(target), "led astray");
  await Deno.remove(target);
}

const WRITE_TABLE = `
import pathlib
pathlib.Path("outputs/table.csv").write_text("a,b")
print("written")
`;

for (const folder of ["outputs", "outputs/ID"]) {
  scenario(`files of an execution do not go through a link that a clone has at ${folder}`, async (world) => {
    const cwd = await world.workspace();
    const secret = await targets(world);
    const started = await world.backend.gractl(
      ["execute-code", "--detach", "--no-artifacts", "-o", "json", "--code", WRITE_TABLE],
      { cwd },
    );
    const { id } = started.exits(0).json();
    const place = join(cwd, "workspace", folder.replace("ID", id));
    await link(secret.folder, place);
    await leadsOutside(join(place, "table.csv"), join(secret.folder, "table.csv"));

    const shown = await world.backend.gractl(["execution", "attach", id, "-o", "json"], { cwd });
    const { stdout, artifacts, warnings } = shown.exits(0).json();
    assert.equal(stdout, "written\n", "the output itself is complete");
    assert.deepEqual(artifacts.map((each: { localPath: unknown }) => each.localPath), [null]);
    assert.match(warnings.join(), /is a link, or not a folder/);
    assert.deepEqual(await secret.list(), ["bashrc"]);
    await Deno.remove(place);
  });
}

scenario("file get replaces links that a clone has at its names, and follows none", async (world) => {
  const cwd = await world.workspace();
  const secret = await targets(world);
  await execute(world.backend, cwd, WRITE_TABLE, { args: ["--no-artifacts"] });
  for (const name of ["table.csv.part", "table.csv.part.revision", "table.csv"]) {
    await link(secret.file, join(cwd, name));
    assert.equal(await Deno.readTextFile(join(cwd, name)), PRIVATE, "the link leads to the file");
  }
  const get = ["file", "get", "outputs/table.csv"];
  const unforced = await world.backend.gractl([...get, "-o", "json"], { cwd });
  assert.equal(unforced.exits(2).error().code, "file_exists");
  (await world.backend.gractl([...get, "--force"], { cwd })).exits(0);
  assert.equal(await Deno.readTextFile(join(cwd, "table.csv")), "a,b");
  assert.ok((await Deno.lstat(join(cwd, "table.csv"))).isFile);
  assert.deepEqual(await secret.list(), ["bashrc"]);
});

scenario(
  "file get into the workspace refuses a folder that is a link; elsewhere it follows",
  async (world) => {
    const cwd = await world.workspace();
    const secret = await targets(world);
    await execute(world.backend, cwd, WRITE_TABLE, { args: ["--no-artifacts"] });
    await link(secret.folder, join(cwd, "workspace/reports"));
    await link(secret.folder, join(cwd, "my-reports"));
    for (const to of ["workspace/reports", "workspace/reports/", "workspace/reports/new.csv"]) {
      const got = await world.backend.gractl(["file", "get", "outputs/table.csv", to, "-o", "json"], { cwd });
      assert.equal(got.exits(2).error().code, "path_not_allowed");
    }
    assert.deepEqual(await secret.list(), ["bashrc"]);
    (await world.backend.gractl(["file", "get", "outputs/table.csv", "my-reports/"], { cwd })).exits(0);
    assert.deepEqual(await secret.list(), ["bashrc", "table.csv"], "as cp does with what the user named");
  },
);

scenario("code cannot save a git repository, or a name that a terminal would act on", async (world) => {
  const cwd = await world.workspace();
  const code = `
import pathlib
for path in ["outputs/.git/hooks/post-checkout", "outputs/.GIT/config", "outputs/a\\x1b[2Jb", "outputs/good"]:
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text("x")
`;
  const got = await execute(world.backend, cwd, code);
  const saved = got.artifacts.filter(({ localPath }) => localPath !== null).map(({ path }) => path);
  assert.deepEqual(saved, ["outputs/good"]);
  assert.ok(got.artifacts.length >= 3, "the others are listed, and stay in the runner");
});

scenario("gractl writes nothing of its own through links in a clone", async (world) => {
  const cwd = await Deno.makeTempDir({ dir: world.backend.dir });
  const secret = await targets(world);
  for (const name of ["datasets", "runners"]) {
    await link(secret.folder, join(cwd, "clone", name));
    const made = await world.backend.gractl(["workspace", "init", "clone", "-o", "json"], { cwd });
    assert.equal(made.exits(2).error().code, "invalid_argument");
    await Deno.remove(join(cwd, "clone", name));
  }
  (await world.backend.gractl(["workspace", "init", "clone"], { cwd })).exits(0);
  await link(secret.folder, join(cwd, "clone/datasets"));
  const add = ["dataset", "add", "flights", "s3://bucket/prefix", "--no-check", "-o", "json"];
  const added = await world.backend.gractl(add, { cwd: join(cwd, "clone") });
  assert.equal(added.exits(2).error().code, "path_not_allowed");
  await Deno.copyFile(join(cwd, "clone/config.yaml"), join(cwd, "clone/real.yaml"));
  await link("real.yaml", join(cwd, "clone/config.yaml"));
  const set = await world.backend.gractl(["config", "set", "session", "other", "-o", "json"], {
    cwd: join(cwd, "clone"),
  });
  assert.equal(set.exits(2).error().code, "path_not_allowed");
  assert.deepEqual(await secret.list(), ["bashrc"]);
});
