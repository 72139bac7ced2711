/** Checks what no linter sees in one file: cycles between folders, and files that grew too long. `check_tree.ts` exits 1 on a fault. */
import { join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { cyclesBetweenFolders, localImports } from "./lint/cycles.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const LONGEST_LINES = 400;

/** Files that may be longer, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {};

const SKIPPED =
  /^(dist|workspace|node_modules|proto\/gen|runner\/grad_runner\/gen|\.git|runner\/\.venv)$|(^|\/)(__pycache__|testdata|\.\w+_cache)$/;

async function* files(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (SKIPPED.test(relative(ROOT, path))) continue;
    if (entry.isDirectory) yield* files(path);
    else if (/\.(ts|py|sh|c)$/.test(entry.name)) yield relative(ROOT, path);
  }
}

const faults: string[] = [];
const imports = new Map<string, string[]>();
for await (const file of files(ROOT)) {
  const text = await Deno.readTextFile(join(ROOT, file));
  const lines = text.split("\n").length - 1;
  if (lines > LONGEST_LINES && !(file in LONG_FILES)) {
    faults.push(`${file}: ${lines} lines, more than ${LONGEST_LINES}: split it by subject`);
  }
  // Tests may meet what code may not.
  if (file.endsWith(".ts") && !/_test\.ts$|\/testing\//.test(file)) {
    imports.set(file, localImports(text).map((specifier) => normalize(join(file, "..", specifier))));
  }
}
faults.push(
  ...cyclesBetweenFolders(imports).map((ring) => `These folders import each other in a ring: ${ring}`),
);
for (const fault of faults) console.error(fault);
if (faults.length > 0) Deno.exit(1);
