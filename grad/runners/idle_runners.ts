import type { Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import { askActivity } from "./ask_activity.ts";
import type { RunnerBackend } from "./backend.ts";
import { type IdleLimits, idleVerdict, latestActivity } from "./idle.ts";
import { REQUESTED_BY_GRAD } from "./runner.ts";
import type { RunnerStore, Versioned } from "./store.ts";

export type IdleOptions = Readonly<{
  store: RunnerStore;
  backend: RunnerBackend;
  clock: Clock;
  log: Logger;
  idle: IdleLimits;
}>;

/**
 * How old the last activity in the record is before the agent is asked, in milliseconds. An agent that is restarted forgets its
 * last activity, so this is also how much earlier than the limits say a runner may be paused then.
 */
const REFRESH_MS = 600_000;

/**
 * Records the activity of one runner, and requests its pause or its end when it is due; true when it has requested something. A
 * runner whose agent does not answer is left as it is. Never fails: the next sweep tries again.
 */
export async function checkIdle(stored: Versioned, options: IdleOptions): Promise<boolean> {
  const { store, clock, log, idle } = options;
  const { record, version } = stored;
  const { id, spec, status } = record;
  try {
    const nowMs = clock.now();
    let activity = latestActivity(record, undefined, nowMs);
    if (status.phase === "ready") {
      const refreshMs = Math.min(REFRESH_MS, idle.pauseAfterMs ?? REFRESH_MS);
      if (nowMs - activity.lastActiveAtMs < refreshMs) return false;
      const info = await askActivity(options.backend, record);
      if (info === undefined) return false;
      activity = latestActivity(record, info, nowMs);
      if (activity.lastActiveAtMs > status.lastActiveAtMs) {
        await store.update(id, version, { status: { ...status, ...activity } });
        return false;
      }
    }
    const verdict = idleVerdict(record, activity, idle, nowMs);
    if (verdict === "keep") return false;
    const desired = verdict === "pause" ? "paused" : "destroyed";
    const requested = { desired, requestedBy: REQUESTED_BY_GRAD, requestedAtMs: nowMs } as const;
    // The version proves that nobody has requested anything since the record was read.
    if (await store.update(id, version, { spec: { ...spec, ...requested } }) === undefined) return false;
    log.info("runner.idle", { runner: id, verdict, lastActivity: activity.lastActivity });
    return true;
  } catch (thrown) {
    log.warn("runner.idle_check_failed", { runner: id, error: messageOf(thrown) });
    return false;
  }
}
