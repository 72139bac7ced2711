import { createHash } from "node:crypto";
import type { Clock } from "../../shared/clock.ts";
import type { CallContext } from "../auth/call_context.ts";
import type { RunnerFinder, Selection } from "./finder.ts";
import type { RecordChanges } from "./record_changes.ts";
import type { RunnerView } from "./view.ts";

/** All selected runners, and what stands for their state now. */
export type WatchedRunners = Readonly<{ views: readonly RunnerView[]; cursor: string }>;

/** Longest wait for a change, in milliseconds: proxies end calls that are silent for long. */
const MAX_WAIT_MS = 60_000;
/** How often the records are read without a notification: a watch may stall without an error. */
const POLL_MS = 5_000;

/**
 * The selected runners as soon as they are not as they were at `cursor`, at the latest after `waitMs`. The cursor is a hash of what is
 * shown, so every instance of grad can compare it, and nothing has to be kept for those who watch.
 */
export async function watchRunners(
  context: CallContext,
  request: Selection & Readonly<{ cursor: string; waitMs: number }>,
  { find, changes, clock }: Readonly<
    { find: Pick<RunnerFinder, "listRecorded">; changes: RecordChanges; clock: Clock }
  >,
): Promise<WatchedRunners> {
  const endsAt = clock.now() + Math.min(request.waitMs, MAX_WAIT_MS);
  // Before the first read: a change after that is not missed.
  using subscription = changes.subscribe();
  for (;;) {
    context.signal.throwIfAborted();
    const views = await find.listRecorded(context, request);
    const cursor = cursorOf(views);
    const leftMs = endsAt - clock.now();
    if (cursor !== request.cursor || leftMs <= 0) return { views, cursor };
    await subscription.next(Math.min(leftMs, POLL_MS), context.signal);
  }
}

/** The same for the same runners. Activity is left out: it moves all the time, and is shown with the next change. */
export function cursorOf(views: readonly RunnerView[]): string {
  const shown = views.map(({ record, phase, stage, reason, message }) => {
    const { pausedAtMs, tombstone, lostSessions = [] } = record.status;
    return [record.id, phase, stage, reason, message, record.spec, pausedAtMs, tombstone, lostSessions];
  });
  return createHash("sha256").update(JSON.stringify(shown)).digest("hex").slice(0, 32);
}
