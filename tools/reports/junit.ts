export type Counts = { passed: number; failed: number; skipped: number };

/** Counts the test cases of a JUnit report, as `deno test` and pytest write them. */
export function countTests(xml: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (
    const [, attributes, body] of xml.matchAll(
      /<testcase\b((?:"[^"]*"|[^>"])*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
    )
  ) {
    if (attributes === undefined) continue;
    if (/<(failure|error)\b/.test(body ?? "")) counts.failed++;
    else if (/<skipped\b/.test(body ?? "")) counts.skipped++;
    else counts.passed++;
  }
  return counts;
}
