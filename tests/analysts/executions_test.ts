/** Finding an execution again: what ran, what it was, what it printed. */
import assert from "node:assert/strict";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

const CODE = "# how many\nimport pandas as pd\nprint('counted')\npd.Series([1, 2]).sum()";

scenario("`execution list` shows the first line of the code", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await execute(backend, cwd, CODE);
  const list = (await backend.gractl(["execution", "list"], { cwd })).exits(0).stdout;
  assert.match(list, /^ID .* CODE /);
  assert.match(list, /\n\S+ .*succeeded .*# how many/);
});

scenario("`execution get @last` shows code, output and result", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const { id } = await execute(backend, cwd, CODE);
  const { stdout } = (await backend.gractl(["execution", "get", "@last"], { cwd })).exits(0);
  assert.match(stdout, new RegExp(`^id: +${id}\n`));
  assert.ok(stdout.includes(`\ncode:\n${CODE}\n\noutput:\ncounted\n`), stdout);
  assert.match(stdout, /\n(np\.int64\()?3\)?\n$/);
  const got = (await backend.gractl(["execution", "get", "@last", "-o", "json"], { cwd })).exits(0).json();
  assert.deepEqual([got.id, got.code, got.stdout], [id, CODE, "counted\n"]);
});

scenario("`execution get` shows where a plot was saved", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()";
  const { id } = await execute(backend, cwd, code);
  const { stdout } = (await backend.gractl(["execution", "get", "@last"], { cwd })).exits(0);
  assert.match(stdout, new RegExp(`plot: workspace/outputs/${id}/figure-1\\.png\n`));
});

scenario("an execution is found by the beginning of its id", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const { id } = await execute(backend, cwd, "print('found')");
  const hex = id.split("-")[1]!;
  for (const short of [id.slice(0, -4), hex.slice(0, 12), hex]) {
    const got = (await backend.gractl(["execution", "get", short, "-o", "json"], { cwd })).exits(0).json();
    assert.equal(got.id, id, short);
  }
  const runner = id.split("-")[0]!;
  await execute(backend, cwd, "2");
  const many = await backend.gractl(["execution", "get", runner, "-o", "json"], { cwd });
  assert.match(many.exits(2).error().message, /ids begin with it/);
});

scenario("`execution attach` without an id follows the newest execution", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const args = ["execute-code", "--detach", "--code", "import time\ntime.sleep(0.3)\nprint('the newest')"];
  (await backend.gractl(args, { cwd })).exits(0);
  const { stdout } = (await backend.gractl(["execution", "attach"], { cwd })).exits(0);
  assert.equal(stdout, "the newest\n");
});

scenario("`execution interrupt @last` stops what runs", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const args = ["execute-code", "--detach", "--code", "import time\ntime.sleep(600)"];
  (await backend.gractl(args, { cwd })).exits(0);
  (await backend.gractl(["execution", "interrupt", "@last"], { cwd })).exits(0);
  (await backend.gractl(["execution", "attach"], { cwd })).exits(130);
});
