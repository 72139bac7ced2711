/**
 * `make mutants`: puts small faults into the files of targets.json, one at a time, in copies of the tree, and runs the tests that cover
 * them. `run.ts [--only REGEX] [--changed] [--jobs N] [--list]`. `--changed`: only files whose source or tests have changed since their
 * last run. Results are kept for each file in dist/mutants/results.json; dist/mutants/report.md shows all of them, and docs/mutants.md
 * is written when they are complete and current.
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
  options: {
    only: { type: "string" },
    changed: { type: "boolean", default: false },
    jobs: { type: "string" },
    list: { type: "boolean", default: false },
  },
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

type Target = {
  file: string;
  tests: readonly string[];
  source: string;
  mutants: readonly Mutant[];
  fingerprint: string;
};

/** `lines`: only mutants of lines that match; of a large file, those that hold a bound or a check. */
const TARGETS: readonly { file: string; tests: readonly string[]; lines?: string }[] = targets;

const RESULTS = join(ROOT, "dist/mutants/results.json");
await Deno.mkdir(join(ROOT, "dist/mutants"), { recursive: true });
/** Results by file, with the fingerprint of what they were found with. */
type Known = Record<string, { fingerprint: string; results: readonly Result[] }>;
const readKnown = async (): Promise<Known> => JSON.parse(await Deno.readTextFile(RESULTS).catch(() => "{}"));
let known = await readKnown();

/** Changes when the file, its tests or the wanted lines do. */
async function fingerprintOf({ file, tests, lines = "" }: (typeof TARGETS)[number]): Promise<string> {
  const texts = await Promise.all([file, ...tests].map((name) => Deno.readTextFile(join(ROOT, name))));
  const bytes = new TextEncoder().encode([lines, ...texts].join("\0"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
}

const work: Target[] = [];
const fingerprints = new Map<string, string>();
for (const target of TARGETS) {
  const { file, tests, lines } = target;
  const fingerprint = await fingerprintOf(target);
  fingerprints.set(file, fingerprint);
  if (only !== undefined && !only.test(file)) continue;
  if (options.changed && known[file]?.fingerprint === fingerprint) continue;
  const source = await Deno.readTextFile(join(ROOT, file));
  const all = file.endsWith(".py") ? await pythonMutants(file) : typescriptMutants(file, source);
  const wanted = new RegExp(lines ?? "");
  const mutants = all.filter((mutant) => wanted.test(describe(mutant, source).before));
  work.push({ file, tests, source, mutants, fingerprint });
}
console.log(`${work.reduce((sum, { mutants }) => sum + mutants.length, 0)} mutants in ${work.length} files`);
if (options.list) Deno.exit(0);

const faults: string[] = [];
const scratch = await Deno.makeTempDir({ prefix: "grad-mutants." });

/** Runs the mutants of one file in one copy. */
async function runTarget(copy: Copy, { file, tests, source, mutants, fingerprint }: Target): Promise<void> {
  const baseline = await copy.run(tests, 300_000);
  if (baseline.outcome !== "survived") {
    faults.push(`${file}: its tests fail without any fault: ${tests.join(" ")}`);
    return;
  }
  const timeoutMs = 5 * baseline.ms + 5_000;
  const results: Result[] = [];
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
  }
  await copy.write(file, source);
  // Another run may have written since, for other files.
  known = { ...await readKnown(), [file]: { fingerprint, results } };
  await Deno.writeTextFile(RESULTS, JSON.stringify(known, undefined, 1));
  const { caught, explained, open } = scoreOf(results, EXPLAINED);
  console.log(`  ${file}: ${caught} of ${mutants.length} caught, ${explained} explained, ${open} open`);
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

known = await readKnown();
const files = TARGETS.map(({ file }) => file).sort();
const results = files.flatMap((file) => known[file]?.results ?? []);
const missing = files.filter((file) => known[file]?.fingerprint !== fingerprints.get(file));
const report = reportOf(results, { explained: EXPLAINED, at: new Date().toISOString().slice(0, 10) });
await Deno.writeTextFile(join(ROOT, "dist/mutants/report.md"), report);
if (missing.length === 0) await Deno.writeTextFile(join(ROOT, "docs/mutants.md"), report);
else {console.log(
    `Not run with their current text, so that docs/mutants.md stays as it is: ${missing.join(", ")}`,
  );}
for (const fault of faults) console.error(fault);
const total = scoreOf(results, EXPLAINED);
console.log(
  `${total.caught} of ${total.mutants} caught, ${total.explained} survivors explained, ${total.open} open: dist/mutants/report.md`,
);
if (faults.length > 0 || total.open > 0) Deno.exit(1);
