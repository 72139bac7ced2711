/** What code shows: it is readable where it fits, and whole in a file where it does not. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("output that JSON shows in part is whole in the runner", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const code = "import sys\nprint('a' * 400_000)\nprint('b' * 300_000, file=sys.stderr)";
  const got = await execute(backend, cwd, code);
  assert.deepEqual(got.truncated, { stdout: true, stderr: true, results: false });
  assert.deepEqual(got.artifacts, [], "copies of output are no files of the code");
  for (const [name, letter, count] of [["stdout", "a", 400_000], ["stderr", "b", 300_000]] as const) {
    const path = `outputs/${got.id}/${name}.txt`;
    assert.ok(got.warnings.some((text) => text.includes(path)), `${got.warnings}`);
    (await backend.gractl(["file", "get", path, `${name}.txt`], { cwd })).exits(0);
    assert.equal(await Deno.readTextFile(join(cwd, `${name}.txt`)), `${letter.repeat(count)}\n`);
  }
});

scenario("text mode prints all of a long output and writes no copy", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const call = await backend.gractl(["execute-code", "--code", "print('a' * 400_000)"], { cwd });
  assert.equal(call.exits(0).stdout, `${"a".repeat(400_000)}\n`);
  assert.equal(call.stderr, "");
});
