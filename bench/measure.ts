/** What every benchmark needs: interleaved runs, robust statistics, one shape of result. */

/** One figure against the baseline that was measured in the same run, turn by turn. */
export type Figure = Readonly<{
  name: string;
  unit: string;
  /** Medians, and the spread of our own runs. */
  ours: number;
  oursP90: number;
  /** Absent where the figure stands alone. */
  baseline?: number;
  baselineName?: string;
  /** ours / baseline. */
  ratio?: number;
  /**
   * "<= 1.5" or ">= 10"; absent where nothing was promised. For the ratio where there is a baseline, unless
   * `targetIsOfValue`, else for the value.
   */
  target?: string;
  targetIsOfValue?: true;
  met?: boolean;
  runs: number;
  notes?: string;
}>;

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Whether `value` keeps `target`, which is "<= x" or ">= x". */
export function keeps(value: number, target: string): boolean {
  const [sign, bound] = target.split(" ");
  return sign === "<=" ? value <= Number(bound) : value >= Number(bound);
}

/** Calls each of `sides` in turn, `runs` times after `warmUps`, and gives each one's milliseconds. */
export async function interleaved<K extends string>(
  sides: Readonly<Record<K, () => Promise<number>>>,
  options: { runs: number; warmUps: number },
): Promise<Record<K, number[]>> {
  const names = Object.keys(sides) as K[];
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let turn = -options.warmUps; turn < options.runs; turn++) {
    // The order changes every turn, so that neither side always runs in the other's wake.
    for (const name of turn % 2 === 0 ? names : names.toReversed()) {
      const ms = await sides[name]();
      if (turn >= 0) taken[name].push(ms);
    }
  }
  return taken;
}

/** Milliseconds that `act` takes. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

export function compare(
  name: string,
  sides: { ours: readonly number[]; baseline: readonly number[]; baselineName: string },
  more: { unit?: string; target?: string; notes?: string } = {},
): Figure {
  const [ours, baseline] = [median(sides.ours), median(sides.baseline)];
  const ratio = ours / baseline;
  return {
    name,
    unit: more.unit ?? "ms",
    ours,
    oursP90: quantile(sides.ours, 0.9),
    baseline,
    baselineName: sides.baselineName,
    ratio,
    runs: sides.ours.length,
    ...(more.target === undefined ? {} : { target: more.target, met: keeps(ratio, more.target) }),
    ...(more.notes === undefined ? {} : { notes: more.notes }),
  };
}

/** Peak resident memory of a process in MiB, from /proc. */
export function peakMib(pid: number): number {
  const found = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
  return Number(found?.[1] ?? NaN) / 1024;
}

export function table(figures: readonly Figure[]): string {
  const show = (value: number | undefined) =>
    value === undefined ? "" : value >= 100 ? value.toFixed(0) : value.toFixed(2);
  const rows = figures.map((f) => [
    f.name,
    `${show(f.ours)} ${f.unit}`,
    `${show(f.oursP90)}`,
    f.baseline === undefined ? "" : `${show(f.baseline)} (${f.baselineName})`,
    show(f.ratio),
    f.target ?? "",
    f.met === undefined ? "" : f.met ? "met" : "MISSED",
    `${f.runs}`,
  ]);
  const head = ["figure", "median", "p90", "baseline", "ratio", "target", "", "n"];
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  const line = (cells: readonly string[]) => cells.map((c, i) => c.padEnd(widths[i]!)).join("  ").trimEnd();
  const notes = figures.filter((f) => f.notes).map((f) => `  ${f.name}: ${f.notes}`);
  return [line(head), line(widths.map((w) => "-".repeat(w))), ...rows.map(line), ...notes].join("\n");
}
