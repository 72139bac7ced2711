import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { CONFIG, tempDir, tempWorkspace } from "./testing/temp_dir.ts";
import { assertGolden } from "../../shared/testing/golden.ts";
import { isWorkspace, workspaceAround } from "./find_workspace.ts";
import { openWorkspace, readDatasets } from "./workspace.ts";

const DATASET = "apiVersion: gractl/v1\nkind: Dataset\nname: NAME\ntype: s3\ns3: {bucket: nyc}\n";

Deno.test("openWorkspace() finds ./workspace, a containing workspace, and ../workspace of each parent", async () => {
  await using dir = await tempDir();
  await dir.write("workspace/config.yaml", CONFIG);
  for (const cwd of [".", "workspace", "workspace/datasets", "src/deep"]) {
    await Deno.mkdir(join(dir.path, cwd), { recursive: true });
    const workspace = await openWorkspace({ cwd: join(dir.path, cwd) });
    assert.deepEqual(workspace, {
      dir: join(dir.path, "workspace"),
      id: "ws-abcdefgh12345678",
      grad: "local",
      runner: "runner-1",
      session: "default",
      home: undefined,
    });
  }
});

for (
  const [where, cwd] of [
    ["outputs/config.yaml", "w/outputs"],
    ["outputs/e1/workspace/config.yaml", "w/outputs/e1/deep"],
    ["runners/runner-1/outputs/config.yaml", "w/runners/runner-1/outputs"],
  ] as const
) {
  Deno.test(`openWorkspace() passes over ${where}, which code may have written`, async () => {
    await using dir = await tempDir();
    await dir.write("w/config.yaml", CONFIG);
    await dir.write(`w/${where}`, CONFIG.replace("local", "evil"));
    await Deno.mkdir(join(dir.path, cwd), { recursive: true });
    assert.equal((await openWorkspace({ cwd: join(dir.path, cwd) })).dir, join(dir.path, "w"));
  });
}

Deno.test("openWorkspace() finds a workspace below a folder that is only called outputs", async () => {
  await using dir = await tempDir();
  await dir.write("outputs/w/config.yaml", CONFIG);
  const path = join(dir.path, "outputs/w");
  assert.equal((await openWorkspace({ cwd: path })).dir, path);
});

Deno.test("openWorkspace() ignores a config.yaml of another program", async () => {
  await using dir = await tempDir();
  await dir.write("config.yaml", CONFIG);
  await dir.write("app/config.yaml", "server:\n  port: 80\n");
  assert.equal((await openWorkspace({ cwd: join(dir.path, "app") })).dir, dir.path);
});

Deno.test("openWorkspace() uses exactly the named folder", async () => {
  await using dir = await tempDir();
  await dir.write("workspace/config.yaml", CONFIG);
  await dir.write("other/config.yaml", CONFIG.replace("runner-1", "big"));
  assert.equal((await openWorkspace({ cwd: dir.path, explicit: "other" })).runner, "big");
  await assert.rejects(openWorkspace({ cwd: join(dir.path, "workspace"), explicit: dir.path }), {
    code: "workspace_not_found",
    hint: new RegExp(`Use "${dir.path}/workspace"`),
  });
});

Deno.test("openWorkspace() hints how to create a workspace where there is none", async () => {
  await using dir = await tempDir();
  await assert.rejects(openWorkspace({ cwd: dir.path }), {
    code: "workspace_not_found",
    hint: /workspace init/,
  });
});

Deno.test("openWorkspace() reports all faults of config.yaml", async () => {
  await using dir = await tempDir();
  await dir.write(
    "config.yaml",
    `apiVersion: gractl/v1
kind: Workspace
workspaceId: ws-1
grad: tcp:example.com:1
runner: Runner One
sesion: default
secret_key: wJalrXUtnFEMI
`,
  );
  const error = await openWorkspace({ cwd: dir.path }).then(() => undefined, (error) => error);
  assert.equal(error?.code, "invalid_file");
  await assertGolden(
    `${error.message.replaceAll(dir.path, "/w")}\n`,
    new URL("testdata/config_faults.txt", import.meta.url),
  );
});

Deno.test("openWorkspace() refuses a config.yaml that links out of the workspace", async () => {
  await using dir = await tempDir();
  await dir.write("outside.yaml", CONFIG);
  await Deno.mkdir(join(dir.path, "workspace"));
  await Deno.symlink("../outside.yaml", join(dir.path, "workspace/config.yaml"));
  await assert.rejects(openWorkspace({ cwd: dir.path }), {
    code: "invalid_file",
    message: /link to a file outside the workspace/,
  });
});

Deno.test("readDatasets() returns datasets ordered by name, and ignores other files", async () => {
  await using dir = await tempDir();
  await dir.write("config.yaml", CONFIG);
  const workspace = await openWorkspace({ cwd: dir.path });
  assert.deepEqual(await readDatasets(workspace), []);
  for (const name of ["weather", "flights"]) {
    await dir.write(`datasets/${name}.yaml`, DATASET.replace("NAME", name));
  }
  for (const name of ["README.md", "example.yaml.txt", ".#flights.yaml", ".flights.yaml.abc.tmp"]) {
    await dir.write(`datasets/${name}`, "not: [a dataset");
  }
  assert.deepEqual((await readDatasets(workspace)).map(({ name }) => name), ["flights", "weather"]);
});

Deno.test("readDatasets() reports all faults of all files at once", async () => {
  await using dir = await tempDir();
  await dir.write("config.yaml", CONFIG);
  await dir.write("outside.yaml", DATASET.replace("NAME", "link"));
  await dir.write("datasets/good.yaml", DATASET.replace("NAME", "good"));
  await dir.write("datasets/copy.yaml", DATASET.replace("NAME", "good"));
  await dir.write("datasets/short.yml", DATASET.replace("NAME", "short"));
  await dir.write("datasets/My Data.yaml", DATASET.replace("NAME", "my-data"));
  await dir.write("datasets/broken.yaml", "name: broken\ns3:\n\tbucket: x\n");
  await dir.write("datasets/large.yaml", "x".repeat(64 * 1024 + 1));
  await dir.write("datasets/many.yaml", `${DATASET.replace("NAME", "many")}${faults(30)}`);
  await Deno.mkdir(join(dir.path, "datasets/folder.yaml"));
  await Deno.symlink("/etc/passwd", join(dir.path, "datasets/link.yaml"));
  await new Deno.Command("mkfifo", { args: [join(dir.path, "datasets/pipe.yaml")] }).output();
  const error = await readDatasets(await openWorkspace({ cwd: dir.path })).then(
    () => undefined,
    (error) => error,
  );
  assert.equal(error?.code, "invalid_file");
  await assertGolden(
    `${error.message.replaceAll(dir.path, "/w")}\n`,
    new URL("testdata/dataset_faults.txt", import.meta.url),
  );
});

function faults(count: number): string {
  return Array.from({ length: count }, (_, at) => `unknown${at}: x\n`).join("");
}

Deno.test("readDatasets() reads a file of exactly 64 KiB, and finds access key ids of 16 characters and more", async () => {
  const head = DATASET.replace("NAME", "large");
  await using dir = await tempWorkspace({ "datasets/large.yaml": `${head}#`.padEnd(2 ** 16, "x") });
  const workspace = await openWorkspace({ cwd: dir.path });
  assert.deepEqual((await readDatasets(workspace)).map(({ name }) => name), ["large"]);
  await dir.write("datasets/large.yaml", `${head}description: AKIA${"A".repeat(11)}\n`);
  assert.equal((await readDatasets(workspace)).length, 1);
  await dir.write("datasets/large.yaml", `${head}description: AKIA${"A".repeat(12)}\n`);
  await assert.rejects(readDatasets(workspace), { message: /contains an access key/ });
});

Deno.test("isWorkspace() reads the first 64 KiB of a config.yaml, and workspaceAround() finds a workspace above a folder", async () => {
  await using dir = await tempDir();
  await dir.write("config.yaml", `${CONFIG}#`.padEnd(2 ** 16 + 1, "x"));
  assert.equal(await isWorkspace(dir.path), true);
  await assert.rejects(openWorkspace({ cwd: dir.path }), { message: /is larger than 64 KiB/ });
  await dir.write("config.yaml", `${"#".padEnd(2 ** 16, "x")}\n${CONFIG}`);
  assert.equal(await isWorkspace(dir.path), false);
  await dir.write("config.yaml", CONFIG);
  assert.equal(await workspaceAround(join(dir.path, "a/b")), dir.path);
  assert.equal(await workspaceAround(dirname(dir.path)), undefined);
});

for (
  const [what, text] of [
    ["a config.yaml without apiVersion and kind", "workspaceId: ws-abcdefgh12345678\ngrad: local\n"],
    ["a config.yaml that is no YAML", "{ it was overwritten\n"],
  ] as const
) {
  Deno.test(`openWorkspace() says what is wrong with ${what}, and not that there is no workspace`, async () => {
    await using dir = await tempWorkspace({
      "datasets/example.yaml.txt": "# example\n",
      "config.yaml": text,
    });
    await assert.rejects(openWorkspace({ cwd: dir.path }), {
      code: "invalid_file",
      message: /config\.yaml:1:1: .*apiVersion|config\.yaml:\d+:\d+/,
    });
  });
}

Deno.test("openWorkspace() hints at init where the named folder contains no workspace", async () => {
  await using dir = await tempDir();
  await assert.rejects(openWorkspace({ cwd: dir.path, explicit: "." }), { hint: /gractl workspace init/ });
});

Deno.test("readDatasets() reports what stands in the place of the datasets' folder", async () => {
  await using dir = await tempWorkspace({ datasets: "a file" });
  const workspace = await openWorkspace({ cwd: dir.path });
  await assert.rejects(readDatasets(workspace), {
    code: "invalid_file",
    message: /datasets:1:1: is not a folder/,
  });
  const folder = join(dir.path, "datasets");
  await Deno.remove(folder);
  await Deno.symlink("datasets", folder);
  await assert.rejects(readDatasets(workspace), {
    code: "invalid_file",
    message: /a link that leads to itself/,
  });
});
