import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { fileOf, maxFileBytes, readCode } from "../execution/code_source.ts";
import { isSqlFile, SQL_KERNEL, sqlCell } from "../execution/sql_cell.ts";
import { readBounded } from "../file/read_bounded.ts";
import { addRunOptions, runCode, runOptionsOf } from "./run_code.ts";

/** `gractl execute-code`: runs code in a runner and shows its output. */
export function executeCode(deps: Deps) {
  const command = new Command("execute-code")
    .description("Run code in a runner and show its output; `gractl run` is the same")
    .alias("run")
    .argument("[file]", "file with code to run, a notebook (.ipynb) or SQL (.sql), or - for standard input")
    .option("--code <text>", "code to run")
    .option("--file <path>", "the file, written as an option")
    .option("--kernel <name>", "kernelspec of a new session, such as bash (default: python3)");
  addRunOptions(command);
  return command.action(async (operand, options) => {
    const source = { code: options.code, file: options.file, operand };
    const file = fileOf(source);
    const isSql = file !== undefined && isSqlFile(file) && (options.kernel ?? SQL_KERNEL) === SQL_KERNEL;
    await runCode(deps, async () => {
      const code = await readCode(source, {
        readFile: (path) => readBounded(path, maxFileBytes(path)),
        readStdin: deps.readStdin,
        stdinIsPiped: deps.stdinIsPiped(),
      });
      return isSql ? sqlCell(code) : code;
    }, { ...runOptionsOf(command), file, kernel: isSql ? SQL_KERNEL : options.kernel });
  });
}
