/**
 * `make mutants`: puts small faults into the files of targets.json, one at a time, in copies of the tree, and runs the tests that cover
 * them. `run.ts [--only REGEX] [--jobs N] [--list]`; writes dist/mutants/report.md, and docs/mutants.md when all files were run.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Copy, makeCopy } from "./copies.ts";
import explained from "./explained.json" with { type: "json" };
import { apply, describe, type Mutant } from "./mutant.ts";
import { type Explanation, reportOf, type Result, scoreOf } from "./report.ts";
import targets from "./targets.json" with { type: "json" };
import { typescriptMutants } from "./typescript_operators.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EXPLAINED: readonly Explanation[] = explained;
const python = Deno.env.get("GRAD_DEV_PYTHON");
if (!python) throw new Error("GRAD_DEV_PYTHON is not set: run this by `make mutants`");

const { values: options } = parseArgs({
  args: Deno.args,
  options: { only: { type: "string" }, jobs: { type: "string" }, list: { type: "boolean", default: false } },
});
const only = options.only === undefined ? undefined : new RegExp(options.only);
const jobs = Number(options.jobs ?? navigator.hardwareConcurrency);

async function pythonMutants(file: string): Promise<Mutant[]> {
  const { stdout, success } = await new Deno.Command(python!, {
    args: [join(ROOT, "tools/mutants/python_operators.py"), join(ROOT, file)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot find mutants of ${file}`);
  const found: Omit<Mutant, "file">[] = JSON.parse(new TextDecoder().decode(stdout));
  return found.map((mutant) => ({ file, ...mutant }));
}

type Target = { file: string; tests: readonly string[]; source: string; mutants: readonly Mutant[] };

const work: Target[] = [];
for (const { file, tests } of targets) {
  if (only !== undefined && !only.test(file)) continue;
  const source = await Deno.readTextFile(join(ROOT, file));
  const mutants = file.endsWith(".py") ? await pythonMutants(file) : typescriptMutants(file, source);
  work.push({ file, tests, source, mutants });
}
console.log(`${work.reduce((sum, { mutants }) => sum + mutants.length, 0)} mutants in ${work.length} files`);
if (options.list) Deno.exit(0);

const results: Result[] = [];
const faults: string[] = [];
const scratch = await Deno.makeTempDir({ prefix: "grad-mutants." });

/** Runs the mutants of one file in one copy. */
async function runTarget(copy: Copy, { file, tests, source, mutants }: Target): Promise<void> {
  const baseline = await copy.run(tests, 300_000);
  if (baseline.outcome !== "survived") {
    faults.push(`${file}: its tests fail without any fault: ${tests.join(" ")}`);
    return;
  }
  const timeoutMs = 5 * baseline.ms + 5_000;
  let survived = 0;
  for (const mutant of mutants) {
    await copy.write(file, apply(mutant, source));
    const { outcome } = await copy.run(tests, timeoutMs);
    results.push({
      file,
      line: mutant.line,
      operator: mutant.operator,
      ...describe(mutant, source),
      outcome,
    });
    if (outcome === "survived") survived++;
  }
  await copy.write(file, source);
  console.log(
    `  ${file}: ${mutants.length - survived} of ${mutants.length} caught (${baseline.ms} ms a run)`,
  );
}

try {
  const queue = [...work];
  await Promise.all(Array.from({ length: jobs }, async (_, index) => {
    const copy = await makeCopy(ROOT, { folder: join(scratch, String(index)), python });
    for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
      await runTarget(copy, target);
    }
    await copy.close();
  }));
} finally {
  await Deno.remove(scratch, { recursive: true });
}

results.sort((a, b) => a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1);
const report = reportOf(results, { explained: EXPLAINED, at: new Date().toISOString().slice(0, 10) });
await Deno.mkdir(join(ROOT, "dist/mutants"), { recursive: true });
await Deno.writeTextFile(join(ROOT, "dist/mutants/report.md"), report);
await Deno.writeTextFile(join(ROOT, "dist/mutants/results.json"), JSON.stringify(results, undefined, 1));
if (only === undefined && faults.length === 0) {
  await Deno.writeTextFile(join(ROOT, "docs/mutants.md"), report);
}
for (const fault of faults) console.error(fault);
const total = scoreOf(results, EXPLAINED);
console.log(
  `${total.caught} of ${total.mutants} caught, ${total.explained} survivors explained, ${total.open} open: dist/mutants/report.md`,
);
if (faults.length > 0 || total.open > 0) Deno.exit(1);
