import type { Event, EventBatch, ExecutionCalls } from "../client/executions.ts";

/** How long one call waits for news. */
const WAIT_MS = 20_000;

/**
 * All events of an execution from a cursor on, to `finished`. While one batch is used, the next is fetched, and no more than that:
 * a slow reader holds up nothing and two batches are all that is kept.
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
    // It is awaited below; where the reader fails before, nobody is left to hear of this.
    next?.catch(() => {});
    yield* batch.events;
    if (next === undefined) return;
    batch = await next;
  }
}

/** The events that are there now, without waiting for more. */
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
