import assert from "node:assert/strict";
import { join } from "node:path";
import { contextHome } from "../auth/testing/context_home.ts";
import { exampleGrad } from "../testing/examples.ts";
import { memoryTrust } from "../workspace/trust/testing/memory_trust.ts";
import { tempDir, tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

const SHELF =
  "apiVersion: gractl/v1\nkind: Dataset\nname: shelf\ntype: directory\ndirectory: {path: /srv/shelf}\n";
const FILES = { "datasets/shelf.yaml": SHELF };

Deno.test("workspace trust asks on a terminal, and trusts what it has shown", async () => {
  await using dir = await tempWorkspace(FILES);
  const at = { cwd: dir.path, trust: memoryTrust(), terminal: true };
  const no = await runCommand(["workspace", "trust"], { ...at, answer: "" });
  assert.equal(no.exit, 130);
  assert.match(
    no.stderr,
    /asks for:\n {2}\+ grad: .*\n {2}\+ folder: "\/srv\/shelf", read-only\nTrust it\? \[y\/N\] /,
  );
  assert.equal((await runCommand(["runner", "list"], at)).exit, 2);
  const yes = await runCommand(["workspace", "trust"], { ...at, answer: "y" });
  assert.equal(yes.exit, 0, yes.stderr);
  const again = await runCommand(["workspace", "trust"], at);
  assert.match(again.stdout, /^You trust .* already, with:\n {4}grad:/);
  await dir.write(
    "datasets/more.yaml",
    SHELF.replace("name: shelf", "name: more").replace("/srv/shelf", "/srv/more"),
  );
  const more = await runCommand(["workspace", "trust"], { ...at, answer: "n" });
  assert.match(more.stderr, /\n {2}\+ folder: "\/srv\/more", read-only\n {4}folder: "\/srv\/shelf"/);
});

Deno.test("workspace trust needs --yes without a terminal, and says what it asks for", async () => {
  await using dir = await tempWorkspace(FILES);
  const at = { cwd: dir.path, trust: memoryTrust(), format: "json" } as const;
  const { exit, json } = await runCommand(["workspace", "trust"], at);
  assert.deepEqual([exit, json().error?.code], [2, "usage"]);
  assert.match(json().error?.message ?? "", /folder: "\/srv\/shelf"/);
  const yes = (await runCommand(["workspace", "trust", "--yes"], at)).json();
  const { dir: _, ...fields } = yes;
  assert.deepEqual(fields, {
    apiVersion: "gractl/v1",
    kind: "WorkspaceTrust",
    id: "ws-abcdefgh12345678",
    state: "trusted",
    wanted: [{ kind: "grad", context: "local" }, {
      kind: "directory",
      path: "/srv/shelf",
      access: "read-only",
    }],
    missing: [],
    elsewhere: [],
    changed: true,
  });
  assert.equal((await runCommand(["workspace", "trust"], at)).json()["changed"], false);
});

Deno.test("workspace trust is refused for an agent, with --yes and on a terminal, but not to forget", async () => {
  await using dir = await tempWorkspace(FILES);
  const trust = memoryTrust();
  const at = { cwd: dir.path, trust, env: { GEMINI_CLI: "1" }, terminal: true, answer: "y" };
  for (const args of [["workspace", "trust"], ["workspace", "trust", "--yes"]]) {
    const { exit, stderr } = await runCommand(args, at);
    assert.equal(exit, 3);
    assert.match(stderr, /for Gemini CLI: only its user can/);
  }
  await runCommand(["workspace", "trust", "--yes"], { ...at, env: {} });
  assert.equal((await runCommand(["workspace", "trust", "--yes"], at)).exit, 0);
  assert.equal((await runCommand(["workspace", "trust", "--revoke"], at)).exit, 0);
  const state = (await runCommand(["workspace", "status"], { ...at, format: "json", localGrad: {} })).json();
  assert.equal((state["trust"] as { state: string }).state, "untrusted");
});

Deno.test("workspace trust warns of a workspace of the same id elsewhere", async () => {
  await using dir = await tempDir();
  const trust = memoryTrust();
  const [a, b] = [join(dir.path, "a"), join(dir.path, "b")];
  await runCommand(["workspace", "init", a], { trust });
  await Deno.mkdir(b);
  await Deno.copyFile(join(a, "config.yaml"), join(b, "config.yaml"));
  const { stderr } = await runCommand(["workspace", "trust"], { cwd: b, trust, terminal: true, answer: "n" });
  assert.ok(
    stderr.includes(`It has the id of the workspace in "${a}", so that its code runs in the same runners.`),
    stderr,
  );
});

Deno.test("what the user does by gractl is trusted: init, dataset add and remove, config set", async () => {
  await using dir = await tempDir();
  const w = join(dir.path, "w");
  const at = { cwd: w, trust: memoryTrust(), format: "json" } as const;
  const list = () => runCommand(["workspace", "trust", "--yes"], { ...at, env: { GRACTL_AGENT: "1" } });
  await runCommand(["workspace", "init", w], { ...at, cwd: dir.path });
  assert.equal((await list()).exit, 0);
  await runCommand(["dataset", "add", "shelf", "/srv/shelf", "--no-check"], at);
  await runCommand(["config", "set", "grad", "lab"], at);
  assert.equal((await list()).exit, 0);
  await runCommand(["dataset", "remove", "shelf"], at);
  await dir.write("w/datasets/shelf.yaml", SHELF);
  assert.match((await list()).json().error?.message ?? "", /\+ folder: "\/srv\/shelf"/);
});

Deno.test("datasets that were there before init are not the user's doing", async () => {
  await using dir = await tempDir();
  await dir.write("datasets/shelf.yaml", SHELF);
  const at = { cwd: dir.path, trust: memoryTrust(), format: "json", client: exampleGrad() } as const;
  assert.equal((await runCommand(["workspace", "init", "."], at)).exit, 0);
  const { exit, json } = await runCommand(["execute-code", "--code", "1"], at);
  assert.deepEqual([exit, json().error?.code], [2, "workspace_untrusted"]);
});

/** Command lines by whether they act for a workspace, and so need that the user trusts it. */
const needing = [
  ["execute-code", "--code", "1"],
  ["dataset", "check", "shelf"],
  ["runner", "list"],
  ["runner", "create", "r"],
  ["runner", "get", "r"],
  ["runner", "destroy", "r"],
  ["runner", "pause", "r"],
  ["runner", "resume", "r"],
  ["runner", "logs", "r"],
  ["session", "list"],
  ["session", "get", "s"],
  ["session", "reset", "s"],
  ["execution", "list"],
  ["file", "list"],
  ["file", "get", "outputs/x"],
];
const reading = [
  ["dataset", "list"],
  ["dataset", "get", "shelf"],
  ["dataset", "add", "x", "s3://nyc"],
  ["config", "get"],
  ["config", "set", "runner", "x"],
  ["dataset", "remove", "shelf"],
];
for (const args of needing) {
  for (const context of [[], ["--context", "local"]]) {
    Deno.test(`gractl ${[...args, ...context].join(" ")} needs a trusted workspace`, async () => {
      await using dir = await tempWorkspace(FILES);
      const at = { cwd: dir.path, trust: memoryTrust(), format: "json" } as const;
      const { exit, json } = await runCommand([...args, ...context], at);
      assert.deepEqual([exit, json().error?.code], [2, "workspace_untrusted"]);
    });
  }
}
for (const args of reading) {
  Deno.test(`gractl ${args.join(" ")} needs none`, async () => {
    await using dir = await tempWorkspace(FILES);
    const { exit, stderr } = await runCommand(args, { cwd: dir.path, trust: memoryTrust() });
    assert.equal(exit, 0, stderr);
  });
}

Deno.test("workspace status and doctor show an untrusted workspace, and read no keys for it", async () => {
  const profile = "apiVersion: gractl/v1\nkind: Dataset\nname: p\ntype: s3\ns3: {bucket: nyc}\n" +
    "credentials: {source: profile, profile: runs-a-program}\n";
  await using dir = await tempWorkspace({ "datasets/p.yaml": profile });
  const grad = exampleGrad();
  const at = {
    cwd: dir.path,
    trust: memoryTrust(),
    client: exampleGrad(),
    localGrad: { connect: () => Promise.resolve(grad) },
  };
  const status = await runCommand(["workspace", "status"], at);
  assert.equal(status.exit, 0, status.stderr);
  assert.match(status.stdout, /^Trust: .*you have not trusted it here; code cannot run$/m);
  assert.match(
    status.stdout,
    /^ {2}\+ S3: "s3:\/\/nyc" at AWS, read-only, with the keys of your AWS profile "runs-a/m,
  );
  const doctor = await runCommand(["doctor"], at);
  assert.equal(doctor.exit, 3);
  assert.match(doctor.stdout, /^failed {3}trust .*you have not trusted it/m);
  assert.doesNotMatch(doctor.stdout, /^\w+ +keys of/m);
});

Deno.test("the error of any command in an untrusted workspace lists all that it asks for", async () => {
  await using dir = await tempWorkspace(FILES);
  const at = { cwd: dir.path, trust: memoryTrust() };
  for (const args of [["runner", "list"], ["execute-code", "--code", "1"]]) {
    const { exit, stderr } = await runCommand(args, at);
    assert.equal(exit, 2);
    assert.match(stderr, /it asks for:\n.*grad: .*\n.*folder: "\/srv\/shelf", read-only\nhint: /);
  }
  await dir.write("datasets/broken.yaml", "name: [");
  assert.match((await runCommand(["runner", "list"], at)).stderr, /folder: "\/srv\/shelf"/);
  await Deno.remove(join(dir.path, "datasets"), { recursive: true });
  await using home = await contextHome({ lab: "unix:/run/lab/grad.sock" });
  const named = { ...at, env: { HOME: home.path } };
  const bare = await runCommand(["runner", "list", "--context", "lab"], named);
  assert.match(bare.stderr, /it asks for:\n +nothing but to run code in its runners\n/);
});
