import type { Execution } from "../client/executions.ts";

/** Milliseconds from its start to its end; `undefined` while it has not ended. */
export function durationMs({ startedAt, finishedAt }: Execution): number | undefined {
  return startedAt && finishedAt ? finishedAt.getTime() - startedAt.getTime() : undefined;
}
