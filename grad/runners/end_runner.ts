import type { Clock } from "../../shared/clock.ts";
import type { RunnerBackend, RunnerRecords } from "./backend.ts";
import { type Change, changeRecord } from "./change_record.ts";
import type { RunnerRecord } from "./runner.ts";

/** Ends a runner whatever its state: components first, then files, so that no deletion can follow into a mount. Idempotent.
 * `last` is what is still known of the runner and would be lost with it. */
export async function endRunner(
  records: RunnerRecords,
  backend: RunnerBackend,
  options: { id: string; endedBy: string; clock: Clock; last?: Change | undefined },
): Promise<RunnerRecord> {
  const { id, endedBy, clock, last = {} } = options;
  const stored = await records.read(id);
  if (stored?.phase === "destroyed") return stored;
  await changeRecord(
    records,
    id,
    () => ({ ...last, phase: "destroying", phaseMessage: "ending its components" }),
    clock.now(),
  );
  await backend.stop(id);
  await backend.deleteFiles(id);
  const tombstone = { endedAtMs: clock.now(), endedBy, reason: "destroyed", message: "" } as const;
  return await changeRecord(
    records,
    id,
    () => ({ phase: "destroyed", phaseMessage: "", tombstone }),
    clock.now(),
  );
}
