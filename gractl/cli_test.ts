import assert from "node:assert/strict";
import { assertGolden } from "../shared/testing/golden.ts";
import { cli, tree } from "./cli.ts";
import { runCommand, runWith } from "./commands/testing/run_command.ts";
import { tempWorkspace } from "./workspace/testing/temp_dir.ts";
import type { OutputOptions } from "./ui/output.ts";
import { fakeDeps } from "./testing/fake_deps.ts";

for (const [path, command] of tree(cli(fakeDeps(), () => {}))) {
  Deno.test(`help of ${path} matches its golden file`, () => {
    const help = command.configureHelp({ ...command.configureHelp(), helpWidth: 80 }).helpInformation();
    return assertGolden(help, new URL(`testdata/help/${path.replaceAll(" ", "_")}.txt`, import.meta.url));
  });
}

const usage: [name: string, args: string[], message: RegExp, hint: RegExp][] = [
  ["an unknown command", ["fly"], /unknown command 'fly'/, /--help/],
  ["a misspelt command", ["execute-cod"], /unknown command/, /Did you mean execute-code\?/],
  ["a misspelt command of a group", ["runner", "lst"], /unknown command/, /Did you mean list\?/],
  ["an unknown option", ["runner", "list", "--al"], /unknown option '--al'/, /gractl runner list --help/],
  ["a missing argument", ["runner", "get"], /missing required argument 'name'/, /gractl runner get --help/],
  ["too many arguments", ["runner", "get", "a", "b"], /too many arguments/, /--help/],
  [
    "a group without a command",
    ["runner"],
    /its commands are create, list, get, pause, resume, destroy, logs/,
    /gractl runner --help/,
  ],
  ["an unknown format", ["version", "--output", "yaml"], /the formats of this command are text, json$/m, /./],
  ["an invalid number", ["execution", "attach", "x", "--from-seq", "zero"], /"zero"/, /./],
];
for (const [name, args, message, hint] of usage) {
  Deno.test(`run() reports ${name} as text`, async () => {
    const { exit, stdout, stderr } = await runCommand(args);
    assert.deepEqual([exit, stdout], [2, ""]);
    assert.match(stderr, /^error: /);
    assert.match(stderr, message);
    assert.match(stderr, hint);
  });

  Deno.test(`run() reports ${name} as JSON where that is asked for`, async () => {
    const { exit, stderr, json } = await runCommand(["-o", "json", ...args]);
    assert.deepEqual([exit, stderr], [2, ""]);
    const { kind, error } = json();
    assert.deepEqual([kind, error?.code], ["Error", "usage"]);
    assert.match(error?.message ?? "", message);
  });
}

Deno.test("run() refuses ndjson for a command that does not stream", async () => {
  const ran = await runCommand(["session", "list"], { format: "ndjson" });
  assert.equal(ran.exit, 2);
  assert.match(ran.json().error?.hint ?? "", /Use -o json/);
});

Deno.test("run() prints help on standard output and succeeds", async () => {
  const { exit, stdout } = await runCommand(["runner", "--help"]);
  assert.equal(exit, 0);
  assert.match(stdout, /^Usage: gractl runner /);
});

Deno.test("run() prints help where no command is given, and by the command help", async () => {
  const expected = (await runCommand(["--help"])).stdout;
  assert.match(expected, /^ +execute-code, run \[file\] /m);
  for (const args of [[], ["help"], ["--no-color"], ["-o", "json"]]) {
    assert.deepEqual(await textOf(args), [0, expected, ""], args.join(" "));
  }
  assert.deepEqual(await textOf(["help", "runner", "create"]), await textOf(["runner", "create", "--help"]));
  assert.deepEqual(await textOf(["help", "run"]), await textOf(["execute-code", "--help"]));
});

async function textOf(args: readonly string[]) {
  const { exit, stdout, stderr } = await runCommand(args);
  return [exit, stdout, stderr];
}

Deno.test("run() names the nearest command to one that help does not know", async () => {
  const { exit, stderr } = await runCommand(["help", "runner", "creat"]);
  assert.equal(exit, 2);
  assert.match(stderr, /Cannot find the command "runner creat"\nhint: Did you mean create\?/);
  assert.match((await runCommand(["help", "zzz"])).stderr, /hint: `gractl help` lists the commands/);
});

Deno.test("run() honours --no-color and --quiet also for a command line that cannot be read", async () => {
  for (const args of [["fly", "--no-color", "--quiet"], ["--no-color", "--quiet", "fly"]]) {
    const deps = fakeDeps();
    const configured: OutputOptions[] = [];
    const out = { ...deps.out, configure: (options: OutputOptions) => void configured.push(options) };
    await runWith({ ...deps, out }, args);
    assert.deepEqual(configured, [{ format: "text", color: false, quiet: true }]);
  }
});

Deno.test("run() knows the group file by its earlier name too, and help does not show that name", async () => {
  assert.match((await runCommand(["files", "list", "--help"])).stdout, /^Usage: gractl file list /);
  assert.doesNotMatch((await runCommand(["--help"])).stdout, /\bfiles\b {2}/);
});

Deno.test("run() accepts global options before and after the command", async () => {
  for (const args of [["-o", "json", "version"], ["version", "-o", "json"], ["version", "--output=json"]]) {
    const { exit, json } = await runCommand(args);
    assert.deepEqual([exit, json()["kind"]], [0, "Version"]);
  }
});

Deno.test("run() uses --workspace and --context before GRACTL_WORKSPACE and GRACTL_CONTEXT", async () => {
  await using a = await tempWorkspace();
  await using b = await tempWorkspace();
  const env = { GRACTL_WORKSPACE: a.path, GRACTL_CONTEXT: "a" };
  const deps = fakeDeps({ env });
  await runWith(deps, ["config", "get"]);
  assert.deepEqual(deps.options(), { workspace: a.path, context: "a" });
  await runWith(deps, ["config", "get", "--workspace", b.path, "--context", "local"]);
  assert.deepEqual(deps.options(), { workspace: b.path, context: "local" });
});

Deno.test("run() refuses GRACTL_ADDRESS, which an earlier version read", async () => {
  const env = { GRACTL_ADDRESS: "unix:/a" };
  const { exit, json } = await runCommand(["runner", "list"], { env, format: "json" });
  assert.deepEqual([exit, json().error?.code], [2, "usage"]);
  assert.match(json().error?.hint ?? "", /GRACTL_CONTEXT/);
});

Deno.test("run() reports an unexpected exception as internal, with exit code 3", async () => {
  const trustedWorkspace = () => Promise.reject(new TypeError("x is not a function"));
  const deps = { ...fakeDeps(), trustedWorkspace };
  const { exit, json } = await runWith(deps, ["runner", "list", "-o", "json"]);
  assert.deepEqual([exit, json().error?.code], [3, "internal"]);
});

Deno.test("run() succeeds in silence when the reader of its output has gone", async () => {
  const deps = fakeDeps();
  const out = {
    ...deps.out,
    document: () => {
      throw new Deno.errors.BrokenPipe("EPIPE");
    },
  };
  const { exit, stderr } = await runWith({ ...deps, out }, ["version"]);
  assert.deepEqual([exit, stderr], [0, ""]);
});
