import type { GradUnderTest } from "./grad_fixture.ts";
import { type Figure, median, peakMib, quantile, timed } from "./measure.ts";

const SESSIONS = 50;
const ROUNDS = 20;

/** 50 sessions at once on one grad, each running `1+1` over and over: the latency of each call, and grad's memory. */
export async function sessionFigures(grad: GradUnderTest): Promise<Figure[]> {
  await grad.execute("1+1");
  const opened = await Promise.all(Array.from({ length: SESSIONS }, (_, i) => {
    return timed(() => grad.execute("1+1", { session: `many-${i}` }));
  }));
  const taken: number[] = [];
  await Promise.all(Array.from({ length: SESSIONS }, async (_, i) => {
    for (let round = 0; round < ROUNDS; round++) {
      taken.push(await timed(() => grad.execute("1+1", { session: `many-${i}` })));
    }
  }));
  return [
    {
      name: `${SESSIONS} sessions at once, 1+1`,
      unit: "ms",
      ours: median(taken),
      oursP90: quantile(taken, 0.9),
      runs: taken.length,
      notes: `p99 ${quantile(taken, 0.99).toFixed(0)} ms; opening all 50 at once: p50 ${
        median(opened).toFixed(0)
      }, max ${Math.max(...opened).toFixed(0)} ms; grad's peak memory ${peakMib(grad.pid).toFixed(0)} MiB`,
    },
  ];
}
