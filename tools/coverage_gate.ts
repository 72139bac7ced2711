/**
 * Holds a suite's coverage against tools/coverage/gates.json: `coverage_gate.ts unit|runner LCOV_FILE`. The pure cores must be reached
 * wholly, branches included; the rest has a floor. Processes that tests start are not counted. Exits 1 if something falls short.
 */
import { fileURLToPath } from "node:url";
import gates from "./coverage/gates.json" with { type: "json" };
import { type Gate, judge, parseLcov } from "./coverage/lcov.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const [suite = "", report = ""] = Deno.args;
const gate = (gates as Readonly<Record<string, Gate>>)[suite];
if (gate === undefined) {
  throw new Error(`Cannot judge the suite "${suite}": gates.json has none of that name`);
}

const counted = suite === "unit"
  ? /^(shared|grad|gractl)\/(?!.*(_test\.ts$|\/testing\/))/
  : /^grad_runner\/(?!gen\/)/;
const files = parseLcov(await Deno.readTextFile(report), ROOT).filter(({ file }) => counted.test(file));
const { faults, percent } = judge(files, gate);
for (const fault of faults) console.error(`coverage: ${fault}`);
console.log(`coverage: ${percent.toFixed(1)} % of lines, ${gate.complete.length} files complete`);
if (faults.length > 0) Deno.exit(1);
