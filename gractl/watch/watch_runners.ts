import type { Clock } from "../../shared/clock.ts";
import type { Runner, RunnerCalls } from "../client/runners.ts";
import { changesText, runnerFields } from "../documents/runner_document.ts";
import type { Output } from "../ui/output.ts";

/** How long one call waits for a change, in milliseconds: shorter than proxies and load balancers let a silent call live. */
const WAIT_MS = 25_000;

export type WatchOptions = Readonly<{
  /** Empty means all workspaces. */
  workspaceId: string;
  /** Also show runners that had ended before. Those that end meanwhile are always shown. */
  includeEnded: boolean;
  /** For admins. */
  allOwners?: boolean;
  /** Only the state now. */
  once: boolean;
}>;

/**
 * Prints the runners, and then each one that changes: a line of kind Runner under ndjson, else a row of a table. Ends when `signal`
 * aborts, with its reason.
 */
export async function watchRunners(
  { out, clock, signal, runners }: Readonly<{
    out: Pick<Output, "format" | "line" | "text" | "style">;
    clock: Pick<Clock, "now">;
    signal: AbortSignal;
    runners: Pick<RunnerCalls, "watch">;
  }>,
  { workspaceId, includeEnded, allOwners = false, once }: WatchOptions,
): Promise<void> {
  const shown = new Map<string, string>();
  let isFirst = true;
  for (let cursor = "";;) {
    const waitMs = cursor === "" ? 0 : WAIT_MS;
    const answer = await runners.watch(
      { workspaceId, includeEnded: true, ...(allOwners ? { allOwners } : {}), cursor, waitMs },
      signal,
    );
    const changed = answer.runners.filter((runner) => {
      const isHidden = isFirst && !includeEnded && runner.phase === "destroyed";
      const state = stateOf(runner);
      if (shown.get(runner.id) === state) return false;
      shown.set(runner.id, state);
      return !isHidden;
    });
    if (out.format === "ndjson") {
      for (const runner of changed) await out.line("Runner", runnerFields(runner));
    } else if (isFirst || changed.length > 0) {
      const options = { now: clock.now(), allWorkspaces: workspaceId === "", allOwners, headings: isFirst };
      out.text(changesText(changed, { ...options, style: out.style }));
    }
    if (once) return;
    isFirst = false;
    cursor = answer.cursor;
  }
}

/** Changes whenever a row of the table does, except for the ages in it. */
function stateOf({ phase, stage, reason, phaseMessage, spec, createdAt, pausedAt }: Runner): string {
  return JSON.stringify([phase, stage, reason, phaseMessage, spec, createdAt, pausedAt]);
}
