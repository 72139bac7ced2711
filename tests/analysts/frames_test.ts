/** Frames, Series, relations and Arrow tables: what people see of them, and what programs get. */
import assert from "node:assert/strict";
import { execute } from "../support/execution_document.ts";
import { program } from "../support/gractl.ts";
import { suite } from "../support/suite.ts";
import { commandInTerminal } from "../support/terminal.ts";

const scenario = suite();

const TABLE = "application/vnd.gractl.table.v1+json";
const WIDE = "import pandas as pd\ndf = pd.DataFrame({f'column_{n}': [n, n + 1] for n in range(30)})\n";

scenario(
  "a short frame has all of its columns where no terminal shows it",
  async ({ backend, workspace }) => {
    const cwd = await workspace();
    for (const code of [`${WIDE}df`, `${WIDE}print(df)`]) {
      const { stdout } = (await backend.gractl(["execute-code", "--code", code], { cwd })).exits(0);
      for (let n = 0; n < 30; n++) assert.ok(stdout.includes(`column_${n}`), `${code}\n${stdout}`);
      assert.doesNotMatch(stdout, /\.\.\.|…/);
    }
  },
);

scenario(
  "a relation of DuckDB has all of its columns where no terminal shows it",
  async ({ backend, workspace }) => {
    const columns = Array.from({ length: 30 }, (_, n) => `${n} as column_${n}`).join(", ");
    const args = ["execute-code", "--code", `import duckdb\nduckdb.sql("select ${columns}")`];
    const { stdout } = (await backend.gractl(args, { cwd: await workspace() })).exits(0);
    for (let n = 0; n < 30; n++) assert.ok(stdout.includes(`column_${n}`), stdout);
  },
);

for (
  const [what, code] of [["a frame that is the result", `${WIDE}df`], [
    "a frame that is printed",
    `${WIDE}print(df)`,
  ]]
) {
  scenario(`${what} has the width of the terminal, and all columns`, async ({ backend, workspace }) => {
    const gractl = [...program("gractl"), "execute-code", "--code", code!];
    const quoted = gractl.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(" ");
    const command = ["sh", "-c", `stty cols 60 rows 50; exec ${quoted}`];
    const { stdout, code: exit } = await commandInTerminal(backend, command, await workspace()).ended;
    assert.equal(exit, 0, stdout);
    // deno-lint-ignore no-control-regex
    const lines = stdout.replaceAll(/\x1b\[[0-9;]*[A-Za-z]/g, "").split(/\r?\n/).filter((line) =>
      /column_|^\d/.test(line)
    );
    for (let n = 0; n < 30; n++) assert.ok(lines.some((line) => line.includes(`column_${n}`)), stdout);
    for (const line of lines) assert.ok(line.length <= 60, line);
  });
}

scenario("a long frame says how much of it is shown", async ({ backend, workspace }) => {
  const code = "import pandas as pd\npd.DataFrame({'n': range(336_776)})";
  const { stdout } = (await backend.gractl(["execute-code", "--code", code], { cwd: await workspace() }))
    .exits(0);
  assert.match(stdout, /336775 +336775\n\[336,776 rows × 1 column\]\n$/);
});

scenario("programs get a frame as a table with types and values", async ({ backend, workspace }) => {
  const code =
    "import pandas as pd\npd.DataFrame({'a': [1, 2**60], 's': ['x', None], 'f': [0.5, float('nan')]})";
  const { results } = await execute(backend, await workspace(), code);
  assert.deepEqual(results[0]!.mime[TABLE], {
    source: "pandas.DataFrame",
    columns: [
      { name: "", type: "int64" },
      { name: "a", type: "int64" },
      { name: "s", type: "str" },
      { name: "f", type: "float64" },
    ],
    indexColumns: 1,
    columnCount: 4,
    rows: [[0, 1, "x", 0.5], [1, "1152921504606846976", null, "NaN"]],
    lastRows: [],
    rowCount: 2,
    cutCells: 0,
  });
});

for (
  const [what, code, source] of [
    ["a Series", "import pandas\npandas.Series([1, 2], name='n')", "pandas.Series"],
    [
      "a relation",
      "import duckdb\nduckdb.sql('select 1 as n union all select 2')",
      "duckdb.DuckDBPyRelation",
    ],
    ["an Arrow table", "import pyarrow\npyarrow.table({'n': [1, 2]})", "pyarrow.Table"],
    [
      "a frame that is displayed",
      "import pandas\ndisplay(pandas.DataFrame({'n': [1, 2]}))",
      "pandas.DataFrame",
    ],
  ] as const
) {
  scenario(`programs get ${what} as a table`, async ({ backend, workspace }) => {
    const { results } = await execute(backend, await workspace(), code);
    const table = results[0]!.mime[TABLE] as { source: string; rows: unknown[][]; rowCount: number };
    assert.equal(table.source, source);
    assert.deepEqual(table.rows.map((row) => row.at(-1)).sort(), [1, 2]);
    assert.equal(table.rowCount, 2);
  });
}

scenario("a table that code has made up is shown as the text beside it", async ({ backend, workspace }) => {
  const made = `{'${TABLE}': {'columns': 3, 'rows': '\\x1b]0;title'}, 'text/plain': 'as text'}`;
  const args = ["execute-code", "--code", `from IPython.display import display\ndisplay(${made}, raw=True)`];
  const { stdout } = (await backend.gractl(args, { cwd: await workspace() })).exits(0);
  assert.equal(stdout, "as text\n");
});
