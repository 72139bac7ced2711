import { GradError } from "../../shared/errors.ts";
import type { Reconciler } from "./reconciler.ts";
import { REQUESTED_BY_GRAD, type RunnerRecord } from "./runner.ts";
import type { RunnerStore } from "./store.ts";
import type { Clock } from "../../shared/clock.ts";

/**
 * Requests that a runner is paused, and works on it until it is. Any instance may do the work.
 * @throws {GradError} `runner_not_found` when it has been destroyed, `runner_unavailable` when another call has resumed it meanwhile
 */
export async function pause(
  id: string,
  { store, reconciler, clock, owner }: Readonly<
    { store: RunnerStore; reconciler: Pick<Reconciler, "reconcile">; clock: Clock; owner: string }
  >,
): Promise<RunnerRecord> {
  let isRequested = false;
  for (;;) {
    const stored = await store.get(id);
    if (stored === undefined || stored.record.spec.desired === "destroyed") {
      throw new GradError("runner_not_found", `Cannot pause the runner ${id}: it is being destroyed`);
    }
    const { record, version } = stored;
    const { spec, status } = record;
    if (spec.desired === "paused" && status.phase === "paused") return record;
    // A pause that grad itself has requested may be taken back: the owner's request replaces it.
    if (spec.desired !== "paused" || spec.requestedBy === REQUESTED_BY_GRAD) {
      if (isRequested) throw resumed(record);
      const requested = { desired: "paused", requestedBy: owner, requestedAtMs: clock.now() } as const;
      isRequested = await store.update(id, version, { spec: { ...spec, ...requested } }) !== undefined;
      if (!isRequested) continue;
    }
    await reconciler.reconcile(id);
  }
}

function resumed({ ref }: RunnerRecord): GradError {
  return new GradError(
    "runner_unavailable",
    `Cannot pause the runner "${ref.name}": another call has resumed it meanwhile`,
    { hint: "Run the command again when nothing needs it." },
  );
}
