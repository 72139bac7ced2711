import type { AgentInfo } from "../agent/agent.ts";
import type { RunnerRecord } from "./runner.ts";

/** When runners that nobody uses end. Durations are milliseconds; `undefined` means never. */
export type IdleLimits = Readonly<{
  /** A ready runner in which nothing was active for so long is paused. */
  pauseAfterMs: number | undefined;
  /** A runner that has been paused for so long is destroyed, with its files. */
  destroyPausedAfterMs: number | undefined;
}>;

const HOUR_MS = 3_600_000;

/** On a laptop, files cost nothing that their owner does not see: nothing is destroyed there. */
export const LOCAL_IDLE_LIMITS: IdleLimits = {
  pauseAfterMs: 12 * HOUR_MS,
  destroyPausedAfterMs: undefined,
};

export const NO_IDLE_LIMITS: IdleLimits = { pauseAfterMs: undefined, destroyPausedAfterMs: undefined };

/** Where and when a runner was active last. */
export type Activity = Readonly<{ lastActiveAtMs: number; lastActivity: string }>;

/**
 * The later one of what the record has and what the agent reports. An agent that was restarted has forgotten what was before, and a
 * queued or running execution counts as activity now.
 */
export function latestActivity(
  { status }: Pick<RunnerRecord, "status">,
  info: Pick<AgentInfo, "activeExecutions" | "lastActiveMs" | "lastActivity"> | undefined,
  nowMs: number,
): Activity {
  if (info !== undefined && info.activeExecutions > 0) {
    return { lastActiveAtMs: nowMs, lastActivity: "execution" };
  }
  const reportedMs = Number(info?.lastActiveMs ?? 0n);
  if (info !== undefined && reportedMs > status.lastActiveAtMs) {
    return { lastActiveAtMs: reportedMs, lastActivity: info.lastActivity };
  }
  return { lastActiveAtMs: status.lastActiveAtMs, lastActivity: status.lastActivity };
}

/** When grad pauses a runner unless it is active before; `undefined` for one that grad does not pause, or that is not ready. */
export function pauseAtMs(
  { spec, status }: Pick<RunnerRecord, "spec" | "status">,
  { lastActiveAtMs }: Pick<Activity, "lastActiveAtMs">,
  { pauseAfterMs }: IdleLimits,
): number | undefined {
  if (pauseAfterMs === undefined || status.phase !== "ready" || spec.desired !== "running") return undefined;
  return lastActiveAtMs + pauseAfterMs;
}

/** When grad destroys a runner unless it is resumed before; `undefined` for one that grad does not destroy, or that is not paused. */
export function destroyAtMs(
  { spec, status }: Pick<RunnerRecord, "spec" | "status">,
  { destroyPausedAfterMs }: IdleLimits,
): number | undefined {
  if (destroyPausedAfterMs === undefined || status.phase !== "paused" || spec.desired !== "paused") {
    return undefined;
  }
  return (status.pausedAtMs ?? status.changedAtMs) + destroyPausedAfterMs;
}

export type IdleVerdict = "keep" | "pause" | "destroy";

/** What is due for a runner at `nowMs`. Pure: every instance of grad decides the same. */
export function idleVerdict(
  record: Pick<RunnerRecord, "spec" | "status">,
  activity: Activity,
  limits: IdleLimits,
  nowMs: number,
): IdleVerdict {
  if (isDue(pauseAtMs(record, activity, limits), nowMs)) return "pause";
  if (isDue(destroyAtMs(record, limits), nowMs)) return "destroy";
  return "keep";
}

function isDue(atMs: number | undefined, nowMs: number): boolean {
  return atMs !== undefined && nowMs >= atMs;
}
