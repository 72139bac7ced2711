import assert from "node:assert/strict";
import { join } from "node:path";
import { executeCall } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("workspace init makes one, status describes it, from inside too", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const again = await backend.gractl(["workspace", "init", "-o", "json"], { cwd });
  assert.equal(again.exits(2).error().code, "workspace_exists");
  for (const at of [cwd, join(cwd, "workspace"), join(cwd, "workspace/datasets")]) {
    const status = (await backend.gractl(["workspace", "status", "-o", "json"], { cwd: at })).exits(0).json();
    assert.equal(status.kind, "WorkspaceStatus");
    assert.match(JSON.stringify(status), /ws-[a-z0-9]{16}/);
  }
  const explicit = ["workspace", "status", "--workspace", join(cwd, "workspace"), "-o", "json"];
  (await backend.gractl(explicit)).exits(0);
  (await backend.gractl(["workspace", "status"], { env: { GRACTL_WORKSPACE: join(cwd, "workspace") } }))
    .exits(0);
});

scenario("config get and set keep comments, and refuse what is not a value", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const file = join(cwd, "workspace/config.yaml");
  const text = await Deno.readTextFile(file);
  await Deno.writeTextFile(file, `# mine\n${text}`.replace(/^(session:.*)$/m, "$1 # also mine"));
  const config = (...args: string[]) => backend.gractl(["config", ...args, "-o", "json"], { cwd });
  (await config("set", "runner", "big-one")).exits(0);
  const after = await Deno.readTextFile(file);
  assert.match(after, /^# mine$/m);
  assert.match(after, /# also mine/);
  assert.match(after, /^runner: big-one/m);
  assert.match((await config("get", "runner")).exits(0).stdout, /big-one/);
  assert.equal((await config("set", "runner", "Not A Name")).exits(2).json().kind, "Error");
  assert.equal((await config("set", "nothing", "x")).exits(2).json().kind, "Error");
  assert.equal(await Deno.readTextFile(file), after);
});

scenario(
  "all faults of all YAML files are told at once, each with its place and key",
  async ({ backend }) => {
    const cwd = await backend.makeWorkspace();
    const datasets = join(cwd, "workspace/datasets");
    const good = `apiVersion: gractl/v1
kind: Dataset
name: good
type: s3
s3:
  bucket: nyc
`;
    await Deno.writeTextFile(join(datasets, "good.yaml"), good);
    (await backend.gractl(["workspace", "status", "-o", "json"], { cwd })).exits(0);
    await Deno.writeTextFile(
      join(datasets, "bad.yaml"),
      `apiVersion: gractl/v1
kind: Dataset
name: bad
type: s3
acess: read-only
s3:
  bucket: "X"
  pathStyle: perhaps
`,
    );
    await Deno.writeTextFile(
      join(datasets, "broken.yaml"),
      "apiVersion: gractl/v1\nkind: [Dataset\nname: x\n",
    );
    for (
      const args of [["dataset", "list"], [
        "execute-code",
        "--code",
        "1",
        "--dataset",
        "bad",
        "--dataset",
        "broken",
      ]]
    ) {
      const call = await backend.gractl([...args, "-o", "json"], { cwd });
      const { code, message } = call.exits(2).error();
      assert.equal(code, "invalid_file");
      assert.match(message, /bad\.yaml:5:\d+.*acess/);
      assert.match(message, /bad\.yaml:7:\d+.*s3\.bucket/);
      assert.match(message, /bad\.yaml:8:\d+.*s3\.pathStyle/);
      assert.match(message, /broken\.yaml:\d+:\d+/);
    }
  },
);

scenario("a malformed config.yaml is told with its place, and nothing is started", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const file = join(cwd, "workspace/config.yaml");
  const text = await Deno.readTextFile(file);
  await Deno.writeTextFile(
    file,
    text.replace(/^runner: .*$/m, "runner: Bad Name").replace("gractl/v1", "gractl/v7"),
  );
  const call = await executeCall(backend, cwd, "1");
  assert.equal(call.exits(2).error().code, "invalid_file");
  assert.match(call.error().message, /config\.yaml:\d+:\d+: runner/);
  assert.match(call.error().message, /config\.yaml:\d+:\d+: apiVersion/);
  await Deno.writeTextFile(file, text);
});

scenario("a dataset's file under another name, or a name twice, is told", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const datasets = join(cwd, "workspace/datasets");
  const text = "apiVersion: gractl/v1\nkind: Dataset\nname: one\ntype: s3\ns3:\n  bucket: nyc\n";
  await Deno.writeTextFile(join(datasets, "other.yaml"), text);
  const call = await backend.gractl(["dataset", "list", "-o", "json"], { cwd });
  assert.equal(call.exits(2).error().code, "invalid_file");
  assert.match(call.error().message, /other\.yaml:3:/);
});

scenario(
  "secrets that somebody wrote into a dataset's file are refused and not repeated",
  async ({ backend }) => {
    const cwd = await backend.makeWorkspace();
    const text = "apiVersion: gractl/v1\nkind: Dataset\nname: leaky\ntype: s3\ns3:\n  bucket: nyc\n" +
      "credentials:\n  source: environment\n  secretAccessKey: hunter2hunter2\n";
    await Deno.writeTextFile(join(cwd, "workspace/datasets/leaky.yaml"), text);
    const call = await backend.gractl(["dataset", "list", "-o", "json"], { cwd });
    assert.equal(call.exits(2).error().code, "invalid_file");
    assert.match(call.error().message, /leaky\.yaml:9:/);
    assert.ok(!`${call.stdout}${call.stderr}`.includes("hunter2"), "repeats the secret");
  },
);
