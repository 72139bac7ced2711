import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { MAX_CODE_BYTES } from "../../shared/limits.ts";
import type { Deps } from "../deps.ts";
import { checkCode, readCode } from "../execution/code_source.ts";
import { SQL_KERNEL, sqlCell } from "../execution/sql_cell.ts";
import { readBounded } from "../file/read_bounded.ts";
import { addRunOptions, runCode, runOptionsOf } from "./run_code.ts";

/** `gractl sql`: runs SQL in a session and shows the answer. */
export function sql(deps: Deps) {
  const command = new Command("sql")
    .description("Query datasets with SQL and show the answer")
    .argument("[query]", "SQL to run, or - to read it from standard input")
    .option("--file <path>", "file with SQL to run");
  addRunOptions(command);
  return command
    .addHelpText("after", HELP)
    .action((query, options) =>
      runCode(deps, async () => sqlCell(await readQuery(deps, query, options.file)), {
        ...runOptionsOf(command),
        file: options.file,
        kernel: SQL_KERNEL,
      })
    );
}

const HELP = `
DuckDB runs the SQL in the session. A dataset is a table of its name; one with several tables is
a schema, as in nyc.trips. Tables that SQL makes, and data frames of Python code in the same
session, can be queried by their names as well. $name is the value of the variable name.

Examples:
  gractl sql "SELECT carrier, count(*) FROM flights GROUP BY ALL ORDER BY 2 DESC"
  gractl sql --param min_delay=60 'SELECT * FROM flights WHERE dep_delay > $min_delay LIMIT 5'
  gractl sql "COPY (FROM flights WHERE month = 1) TO 'outputs/january.parquet'"
`;

async function readQuery(deps: Deps, query: string | undefined, file: string | undefined): Promise<string> {
  if ((query === undefined) === (file === undefined)) {
    const why = query === undefined ? "no query is given" : "it is given more than once";
    throw new GradError("usage", `Cannot choose the SQL to run: ${why}`, {
      hint:
        'Use exactly one of `gractl sql "SELECT 1"`, `gractl sql --file query.sql` and `gractl sql -` (standard input).',
    });
  }
  if (query !== undefined && query !== "-") return checkCode(new TextEncoder().encode(query));
  return await readCode({ code: undefined, file, operand: query }, {
    readFile: (path) => readBounded(path, MAX_CODE_BYTES),
    readStdin: deps.readStdin,
    stdinIsPiped: false,
  });
}
