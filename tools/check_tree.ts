/** Checks what no linter sees in one file: cycles between folders, and files that grew too long. `check_tree.ts` exits 1 on a fault. */
import { join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { componentOf, cyclesBetweenFolders, localImports, nodeOf, pythonImports } from "./lint/cycles.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const MAX_LINES = 400;

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

/** Rings that are known and must go. There is none; nothing may be added here. */
const KNOWN_RINGS: ReadonlySet<string> = new Set<string>();

const faults: string[] = [];
const [typescript, python] = [new Map<string, string[]>(), new Map<string, string[]>()];
for await (const file of files(ROOT)) {
  const text = await Deno.readTextFile(join(ROOT, file));
  const lines = text.split("\n").length - 1;
  if (lines > MAX_LINES && !(file in LONG_FILES)) {
    faults.push(`${file}: ${lines} lines, more than ${MAX_LINES}: split it by subject`);
  }
  // Tests may import what code may not.
  if (file.endsWith(".ts") && !/_test\.ts$|\/testing\//.test(file)) {
    typescript.set(file, localImports(text).map((specifier) => normalize(join(file, "..", specifier))));
  }
  if (file.startsWith("runner/grad_runner/")) {
    python.set(file, pythonImports(text).map((module) => `runner/${module.replaceAll(".", "/")}`));
  }
}
// A dotted name is a module, a package, or something defined in one.
for (const [file, names] of python) {
  const existing = names.map((name) =>
    [`${name}.py`, `${name}/__init__.py`].find((path) => python.has(path))
  );
  python.set(
    file,
    existing.filter((path) => path !== undefined && !path.endsWith("__init__.py")) as string[],
  );
}
const rings = new Set([
  ...cyclesBetweenFolders(typescript),
  ...cyclesBetweenFolders(python, nodeOf),
  ...cyclesBetweenFolders(python, componentOf),
]);
for (const ring of rings) {
  if (!KNOWN_RINGS.has(ring)) faults.push(`These folders import each other in a ring: ${ring}`);
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) Deno.exit(1);
