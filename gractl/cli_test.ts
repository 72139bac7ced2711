import assert from "node:assert/strict";
import { assertGolden } from "../shared/testing/golden.ts";
import { cli, tree } from "./cli.ts";
import { fakeDeps, runWith } from "./testing/fake_deps.ts";

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
  ["a missing operand", ["runner", "get"], /missing required argument 'name'/, /gractl runner get --help/],
  ["too many operands", ["runner", "get", "a", "b"], /too many arguments/, /--help/],
  ["a group by itself", ["runner"], /it has the commands create, list, get, destroy/, /gractl runner --help/],
  ["nothing at all", [], /it has the commands execute-code/, /gractl --help/],
  ["an unknown format", ["version", "-o", "yaml"], /the formats here are text, json$/m, /./],
  ["a number that is none", ["execution", "attach", "x", "--from-seq", "zero"], /"zero"/, /./],
];
for (const [name, args, message, hint] of usage) {
  Deno.test(`run() tells ${name} to people`, async () => {
    const deps = fakeDeps();
    assert.equal(await runWith(deps, args), 2);
    assert.equal(deps.text.stdout, "");
    assert.match(deps.text.stderr, /^error: /);
    assert.match(deps.text.stderr, message);
    assert.match(deps.text.stderr, hint);
  });

  Deno.test(`run() tells ${name} to programs`, async () => {
    const deps = fakeDeps();
    const json = args.includes("-o")
      ? args.map((arg) => arg === "yaml" ? "json" : arg)
      : ["-o", "json", ...args];
    if (args.includes("yaml")) return;
    assert.equal(await runWith(deps, json), 2);
    assert.equal(deps.text.stderr, "");
    const { kind, error } = JSON.parse(deps.text.stdout);
    assert.deepEqual([kind, error.code], ["Error", "usage"]);
    assert.match(error.message, message);
  });
}

Deno.test("run() refuses ndjson where nothing streams", async () => {
  const deps = fakeDeps();
  assert.equal(await runWith(deps, ["runner", "list", "-o", "ndjson"]), 2);
  assert.match(JSON.parse(deps.text.stdout).error.hint, /use -o json/);
});

Deno.test("run() prints help on standard output and succeeds", async () => {
  const deps = fakeDeps();
  assert.equal(await runWith(deps, ["runner", "--help"]), 0);
  assert.match(deps.text.stdout, /^Usage: gractl runner /);
});

Deno.test("run() knows the group file by its earlier name too, and help does not show that name", async () => {
  const deps = fakeDeps();
  assert.equal(await runWith(deps, ["files", "list", "--help"]), 0);
  assert.match(deps.text.stdout, /^Usage: gractl file list /);
  assert.equal(await runWith(deps, ["--help"]), 0);
  assert.doesNotMatch(deps.text.stdout, /\bfiles\b {2}/);
});

Deno.test("run() takes global options before and behind the command", async () => {
  for (const args of [["-o", "json", "version"], ["version", "-o", "json"], ["version", "--output=json"]]) {
    const deps = fakeDeps();
    assert.equal(await runWith(deps, args), 0);
    assert.equal(JSON.parse(deps.text.stdout).kind, "Version");
  }
});

Deno.test("run() tells what nobody foresaw as a bug, with exit code 3", async () => {
  const deps = { ...fakeDeps(), workspace: () => Promise.reject(new TypeError("x is not a function")) };
  assert.equal(await runWith(deps, ["runner", "list", "-o", "json"]), 3);
  assert.equal(JSON.parse(deps.text.stdout).error.code, "internal");
});

Deno.test("run() ends quietly when nobody reads its output any more", async () => {
  const deps = fakeDeps();
  const broken = {
    ...deps,
    out: {
      ...deps.out,
      document: () => {
        throw new Deno.errors.BrokenPipe("EPIPE");
      },
    },
  };
  assert.equal(await runWith({ ...broken, text: deps.text } as typeof deps, ["version"]), 0);
  assert.equal(deps.text.stderr, "");
});
