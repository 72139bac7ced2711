import type { Event, EventBatch, ExecutionCalls } from "../client/executions.ts";

/** How long one call waits for events. */
const WAIT_MS = 20_000;

/**
 * All events of an execution, from a cursor to `finished`. While the caller handles one batch, the next is fetched; never more, so at
 * most two batches are in memory.
 */
export async function* follow(
  executions: Pick<ExecutionCalls, "readEvents">,
  start: { executionId: string; batch: EventBatch },
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const { executionId } = start;
  let batch = start.batch;
  for (;;) {
    const next = batch.done
      ? undefined
      : executions.readEvents({ executionId, fromSeq: batch.nextSeq, waitMs: WAIT_MS }, signal);
    // It is awaited below. If the caller stops before that, its failure must not be an unhandled rejection.
    next?.catch(() => {});
    yield* batch.events;
    if (next === undefined) return;
    batch = await next;
  }
}

/** The events that exist now, without waiting for more. */
export async function* recorded(
  executions: Pick<ExecutionCalls, "readEvents">,
  executionId: string,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  for (let fromSeq = 1;;) {
    const batch = await executions.readEvents({ executionId, fromSeq, waitMs: 0 }, signal);
    yield* batch.events;
    if (batch.done || batch.events.length === 0) return;
    fromSeq = batch.nextSeq;
  }
}
