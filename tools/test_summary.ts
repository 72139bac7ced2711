/**
 * Sums up the suites of `make test`: `test_summary.ts FOLDER` reads `<suite>.xml` (JUnit) and `<suite>.status` (exit code), repeats what
 * the failed tests failed with, prints "N passed, N failed" last, and exits 1 unless every suite succeeded.
 */
import { join } from "node:path";
import { type Counts, countTests, failures } from "./reports/junit.ts";

const folder = Deno.args[0] ?? ".";
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const { name } of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  if (!name.endsWith(".status")) continue;
  const suite = name.slice(0, -".status".length);
  const exit = Number(await Deno.readTextFile(join(folder, name)));
  const xml = await Deno.readTextFile(join(folder, `${suite}.xml`)).catch(() => "");
  const counts = countTests(xml);
  for (const { where, name: test, message } of failures(xml)) {
    console.log(`FAILED ${suite}: ${where}: ${test}\n${message.replaceAll(/^/gm, "    ")}`);
  }
  // A suite that could not even begin (a type error, say) has no failed test of its own.
  if (exit !== 0 && counts.failed === 0) counts.failed = 1;
  console.log(
    `${suite}: ${counts.passed} passed, ${counts.failed} failed` +
      (counts.skipped > 0 ? `, ${counts.skipped} skipped` : "") +
      (exit === 0 ? "" : ` (ended with exit code ${exit})`),
  );
  for (const key of ["passed", "failed", "skipped"] as const) total[key] += counts[key];
}
console.log(`${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) Deno.exit(1);
