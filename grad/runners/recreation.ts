import type { RunnerRecord, RunnerStatus } from "./runner.ts";

/**
 * How long after a loss the components are started again without a request, in milliseconds, for the first loss and the next ones.
 * After the last one only a request starts them: a pod that is evicted again and again would only take memory from others.
 */
const RECREATE_AFTER_MS = [0, 60_000, 300_000, 900_000];

/** Components that have been up for so long are not counted as an attempt that failed, in milliseconds. */
const LASTING_MS = 600_000;

/** When the components of a lost runner are started again without a request; `undefined` means never, or that it is not lost. */
export function recreateAtMs({ status }: Pick<RunnerRecord, "status">): number | undefined {
  const afterMs = RECREATE_AFTER_MS[status.recreations ?? 0];
  return status.phase === "lost" && afterMs !== undefined ? status.changedAtMs + afterMs : undefined;
}

/** The number of recreations to record when the components of a ready runner are lost at `nowMs`. */
export function recreationsAtLoss({ recreations = 0, changedAtMs }: RunnerStatus, nowMs: number): number {
  return nowMs - changedAtMs >= LASTING_MS ? 0 : recreations;
}
