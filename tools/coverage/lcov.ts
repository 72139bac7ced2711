/** What an LCOV report says of one file: lines and branches found and reached, and where branches were not taken. */
export type FileCoverage = {
  file: string;
  lines: number;
  linesHit: number;
  branches: number;
  branchesHit: number;
  missedLines: readonly number[];
  missedBranches: readonly number[];
};

/** Reads an LCOV report, as `deno coverage --lcov` and coverage.py write it. Paths become relative to `root`. */
export function parseLcov(text: string, root: string): FileCoverage[] {
  return text.split("end_of_record").flatMap((record) => {
    const path = /^SF:(.*)$/m.exec(record)?.[1];
    if (path === undefined) return [];
    const lines = [...record.matchAll(/^DA:(\d+),(\d+)/gm)].map(([, line, hits]) =>
      [Number(line), Number(hits)] as const
    );
    const branches = [...record.matchAll(/^BRDA:(\d+),[^,]*,[^,]*,(-|\d+)/gm)]
      .map(([, line, taken]) => [Number(line), taken === "-" ? 0 : Number(taken)] as const);
    const missed = (all: readonly (readonly [number, number])[]) =>
      [...new Set(all.filter(([, count]) => count === 0).map(([line]) => line))].sort((a, b) => a - b);
    return [{
      file: path.startsWith(root) ? path.slice(root.length) : path,
      lines: lines.length,
      linesHit: lines.filter(([, count]) => count > 0).length,
      branches: branches.length,
      branchesHit: branches.filter(([, count]) => count > 0).length,
      missedLines: missed(lines),
      missedBranches: missed(branches),
    }];
  });
}

/** `complete`: files of which every line and branch must be reached; `floorPercent`: of the lines of all files together. */
export type Gate = { complete: readonly string[]; floorPercent: number };

/** What falls short of a gate, as sentences; and the lines reached of all files, in per cent. */
export function judge(files: readonly FileCoverage[], gate: Gate): { faults: string[]; percent: number } {
  const faults: string[] = [];
  for (const name of gate.complete) {
    const found = files.find(({ file }) => file === name);
    if (found === undefined) {
      faults.push(`${name}: no test reaches it (or it has moved: see tools/coverage/gates.json)`);
      continue;
    }
    const { missedLines, missedBranches } = found;
    if (missedLines.length > 0) faults.push(`${name}: lines that no test reaches: ${missedLines.join(", ")}`);
    if (missedBranches.length > 0) {
      faults.push(`${name}: branches that no test takes, at lines: ${missedBranches.join(", ")}`);
    }
  }
  const sum = (of: (file: FileCoverage) => number) => files.reduce((total, file) => total + of(file), 0);
  const percent = 100 * sum(({ linesHit }) => linesHit) / Math.max(1, sum(({ lines }) => lines));
  if (percent < gate.floorPercent) {
    faults.push(`${percent.toFixed(1)} % of all lines are reached, less than ${gate.floorPercent} %`);
  }
  return { faults, percent };
}
