import type { Outcome } from "./mutant.ts";

/** One mutant with what became of it. */
export type Result = {
  file: string;
  line: number;
  operator: string;
  before: string;
  after: string;
  outcome: Outcome;
};

/** Why a mutant that no test catches may stay: tools/mutants/explained.json. Without `after` it is any mutant of that line. */
export type Explanation = { file: string; before: string; after?: string; why: string };

export function explanationOf(result: Result, explained: readonly Explanation[]): string | undefined {
  return explained.find((one) =>
    one.file === result.file && one.before === result.before &&
    (one.after === undefined || one.after === result.after)
  )?.why;
}

export type Score = { mutants: number; caught: number; explained: number; open: number };

export function scoreOf(results: readonly Result[], explained: readonly Explanation[]): Score {
  const survived = results.filter(({ outcome }) => outcome === "survived");
  const withReason = survived.filter((result) => explanationOf(result, explained) !== undefined).length;
  return {
    mutants: results.length,
    caught: results.length - survived.length,
    explained: withReason,
    open: survived.length - withReason,
  };
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${(100 * part / whole).toFixed(1)} %`;
}

const code = (text: string) => `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;

function table(results: readonly Result[], explained: readonly Explanation[]): string[] {
  const files = [...new Set(results.map(({ file }) => file))].sort();
  return files.map((file) => {
    const score = scoreOf(results.filter((result) => result.file === file), explained);
    return `| \`${file}\` | ${score.mutants} | ${score.caught} | ${
      percent(score.caught, score.mutants)
    } | ${score.explained} | ${score.open} |`;
  });
}

/** The report of one run: the score of each file, and what survived. */
export function reportOf(
  results: readonly Result[],
  { explained, at }: { explained: readonly Explanation[]; at: string },
): string {
  const total = scoreOf(results, explained);
  const survived = results.filter(({ outcome }) => outcome === "survived");
  const rows = survived.map((result) =>
    `| \`${result.file}\` | ${code(result.before)} | ${code(result.after)} | ${
      explanationOf(result, explained) ?? "**open**"
    } |`
  );
  return `# Mutants

Small faults are put into the pure cores and the security checks, one at a time, and the tests that cover them must fail. Written by
\`make mutants\` on ${at}; which files and tests: \`tools/mutants/targets.json\`; the faults: \`tools/mutants/typescript_operators.ts\` and
\`tools/mutants/python_operators.py\`; why survivors may stay: \`tools/mutants/explained.json\`.

**${total.caught} of ${total.mutants} caught (${
    percent(total.caught, total.mutants)
  }); ${total.explained} survivors explained, ${total.open} open.**

| file | mutants | caught | | explained | open |
|---|---|---|---|---|---|
${table(results, explained).join("\n")}

## Survivors

| file | before | after | why it may stay |
|---|---|---|---|
${rows.join("\n")}
`;
}
