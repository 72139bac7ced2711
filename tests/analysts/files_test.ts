/** Files that code writes and people fetch. */
import assert from "node:assert/strict";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

scenario("a table written below outputs/ is on this machine afterwards", async ({ backend, workspace }) => {
  const code = "import pandas as pd\npd.DataFrame({'a': [1, 2]}).to_csv('outputs/table.csv', index=False)";
  const { artifacts } = await execute(backend, await workspace(), code);
  assert.deepEqual(artifacts.map(({ path }) => path), ["outputs/table.csv"]);
  assert.equal(await Deno.readTextFile(artifacts[0]!.localPath!), "a\n1\n2\n");
});
