/** Errors of the user's code: where they are, without the insides of libraries. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

const FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': [1]})\n\ndf['b']\n";

scenario(
  "an error in a library shows the line of the user and where it was raised",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    const { error } = await execute(backend, cwd, FRAME, { exit: 1 });
    const short = error!.traceback.join("\n");
    assert.match(short, /line 4\n/);
    assert.match(short, /frames? of libraries \(--full-traceback\)/);
    const args = ["--full-traceback"];
    const full = (await execute(backend, cwd, FRAME, { exit: 1, args })).error!.traceback.join("\n");
    assert.match(full, /pandas\/core\/frame\.py/);
    assert.doesNotMatch(full, /frames? of libraries/);
    assert.ok(short.length < 0.7 * full.length, `${short.length} of ${full.length}`);
  },
);

scenario(
  "`execution get --full-traceback` shows all frames of an execution that has ended",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    await execute(backend, cwd, FRAME, { exit: 1 });
    const short = (await backend.gractl(["execution", "get", "@last"], { cwd })).exits(0);
    const full = (await backend.gractl(["execution", "get", "@last", "--full-traceback"], { cwd })).exits(0);
    assert.doesNotMatch(short.stderr, /pandas\/core\/frame\.py/);
    assert.match(full.stderr, /pandas\/core\/frame\.py/);
  },
);

scenario("an error of a file names the file and the line", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await Deno.writeTextFile(join(cwd, "f.py"), "x = 1\n\n1 / 0\n");
  const { stderr } = (await backend.gractl(["execute-code", "--file", "f.py"], { cwd })).exits(1);
  assert.match(stderr, /File f\.py:3\n/);
  assert.match(stderr, /----> 3 1 \/ 0/);
  assert.doesNotMatch(stderr, /Cell In/);
});

scenario("a syntax error of a file names the file and the line", async ({ backend, workspace }) => {
  const cwd = await workspace();
  await Deno.writeTextFile(join(cwd, "broken.py"), "x = 1\nfor\n");
  const { stderr } = (await backend.gractl(["execute-code", "--file", "broken.py"], { cwd })).exits(1);
  assert.match(stderr, /File broken\.py:2\n/);
});

scenario("an error in a module of the user shows the module's line", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const code =
    "open('own_helper.py', 'w').write('import json\\n\\ndef load(text):\\n    return json.loads(text)\\n')\n" +
    "import own_helper\nown_helper.load('{')";
  const { error } = await execute(backend, cwd, code, { exit: 1 });
  assert.match(error!.traceback.join("\n"), /File \/workspace\/own_helper\.py:4, in load\(text\)/);
});
