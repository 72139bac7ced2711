import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { run } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";

const scenario = suite();

/** A bash in which `gractl` prints its arguments: what an agent does that runs the command of a hint. */
async function runHint(world: World, commandLine: string): Promise<{ args: string[]; pwned: boolean }> {
  const dir = await Deno.makeTempDir({ dir: world.backend.dir });
  const script = `gractl() { printf '%s\\0' "$@"; }\n${commandLine}`;
  const parsed = await run(["bash", "-n", "-c", script], { cwd: dir, env: world.backend.env });
  assert.equal(parsed.code, 0, parsed.stderr);
  const ended = await run(["bash", "-c", script], { cwd: dir, env: world.backend.env });
  const pwned = (await Array.fromAsync(Deno.readDir(dir))).length > 0;
  return { args: ended.stdout.split("\0").slice(0, -1), pwned };
}

/** The commands in backticks of a text. */
function commandsIn(text: string): string[] {
  return Array.from(text.matchAll(/`(gractl [^`]*)`/g), ([, line]) => line!);
}

const NAMES = [
  "x; touch PWNED; #.csv",
  "$(touch PWNED)",
  "`touch PWNED`",
  'it\'s"; touch PWNED; "',
  "a\ntouch PWNED\n",
  "\u202e && touch PWNED",
];

scenario("commands for files that code has named run nothing else", async (world) => {
  const naive = await runHint(world, `gractl file get outputs/${NAMES[0]}`);
  assert.ok(naive.pwned, "without quotes the name of a file is run");

  const cwd = await world.workspace();
  const code = `
import os
for name in ${JSON.stringify(NAMES)}:
    with open("outputs/" + name, "wb") as file:
        os.truncate(file.fileno(), 65 << 20)
`;
  const call = await world.backend.gractl(
    ["execute-code", "-o", "json", "--code", code, "--session", "names"],
    { cwd, deadlineMs: 100_000 },
  );
  const { warnings } = call.exits(0).json<{ warnings: string[] }>();
  const lines = warnings.flatMap(commandsIn);
  const got: string[] = [];
  for (const line of lines) {
    const { args, pwned } = await runHint(world, line);
    assert.ok(!pwned, line);
    assert.deepEqual(args.slice(0, 2), ["file", "get"], line);
    assert.equal(args.length, 3, line);
    got.push(args[2]!);
  }
  assert.deepEqual(got.sort(), NAMES.map((name) => `outputs/${name}`).sort());
});

scenario("commands in the hints of exceptions run nothing else", async (world) => {
  const cwd = await world.workspace();
  for (const name of ["$(touch${IFS}PWNED)", "x;touch${IFS}PWNED;#", "a&&touch${IFS}PWNED"]) {
    const code = `open(${JSON.stringify(`/workspace/data/${name}/x.csv`)})`;
    const { error } = await execute(world.backend, cwd, code, { exit: 1 });
    const [line] = commandsIn(error!.hint);
    assert.ok(line !== undefined, error!.hint);
    const { args, pwned } = await runHint(world, line);
    assert.ok(!pwned, line);
    assert.deepEqual(args, ["dataset", "check", name], line);
  }
});

scenario("commands with folders in them run nothing else", async (world) => {
  const cwd = await Deno.makeTempDir({ dir: world.backend.dir });
  const folder = "w; touch PWNED; #";
  const path = join(cwd, folder);
  const missing = await world.backend.gractl(["workspace", "status", "--workspace", folder, "-o", "json"], {
    cwd,
  });
  const [init] = commandsIn(missing.exits(2).error().hint);
  assert.deepEqual(await runHint(world, init!), { args: ["workspace", "init", path], pwned: false });

  const made = await world.backend.gractl(["workspace", "init", folder], { cwd });
  const next = made.exits(0).stdout.split("\n").filter((line) => line.includes("gractl "));
  assert.ok(next.length >= 2);
  for (const line of next) {
    const { args, pwned } = await runHint(world, line);
    assert.ok(!pwned, line);
    assert.deepEqual(args.slice(-2), ["--workspace", path], line);
  }
});
