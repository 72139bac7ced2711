/**
 * Programs that npm packages bring, in the version that deno.json names and nowhere else.
 * `npm_tool.ts PACKAGE PROGRAM FOLDER ARGUMENTS...` runs one in a folder of the tree.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };

/** The command that runs `program` of the npm package `name`. */
export function npmTool(name: string, program: string): string[] {
  const imports: Readonly<Record<string, string>> = config.imports;
  const specifier = imports[name];
  if (specifier === undefined) throw new Error(`Cannot run ${program}: deno.json does not name ${name}`);
  const file = fileURLToPath(new URL("../deno.json", import.meta.url));
  return [Deno.execPath(), "run", "-A", "--quiet", "--config", file, `${specifier}/${program}`];
}

if (import.meta.main) {
  const [name = "", program = "", folder = ".", ...args] = Deno.args;
  const command = npmTool(name, program);
  const child = new Deno.Command(command[0]!, {
    args: [...command.slice(1), ...args],
    cwd: join(fileURLToPath(new URL("../", import.meta.url)), folder),
    stdin: "null",
  }).spawn();
  Deno.exit((await child.status).code);
}
