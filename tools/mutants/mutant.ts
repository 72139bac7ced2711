/** One small fault that is put into a copy of a file: `source[start, end)` becomes `replacement`. Offsets count UTF-16 units. */
export type Mutant = {
  file: string;
  /** From 1. */
  line: number;
  start: number;
  end: number;
  replacement: string;
  /** What kind of fault it is, e.g. "boundary". */
  operator: string;
};

/** What became of a mutant. `caught`: a test failed; `timeout`: the tests did not end, which counts as caught. */
export type Outcome = "caught" | "timeout" | "survived";

/** The source with the fault in it. */
export function apply(mutant: Mutant, source: string): string {
  return source.slice(0, mutant.start) + mutant.replacement + source.slice(mutant.end);
}

/** One line of what was there and what is there now, for reports and for tools/mutants/explained.json. */
export function describe(mutant: Mutant, source: string): { before: string; after: string } {
  const lineStart = source.lastIndexOf("\n", mutant.start - 1) + 1;
  const next = source.indexOf("\n", mutant.end);
  const lineEnd = next < 0 ? source.length : next;
  const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();
  return {
    before: oneLine(source.slice(lineStart, lineEnd)),
    after: oneLine(
      source.slice(lineStart, mutant.start) + mutant.replacement + source.slice(mutant.end, lineEnd),
    ),
  };
}
