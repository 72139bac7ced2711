import type { Clock } from "../../shared/clock.ts";
import { withChange } from "./held_claim.ts";
import type { Stage } from "./stages.ts";
import type { RunnerStore } from "./store.ts";

/** Shorter work is not worth two writes of the record, in milliseconds. */
const SLOW_MS = 300;

/**
 * Sets `stage` of a ready runner if the work takes long; the returned function, which never fails, sets it back. Needs no claim:
 * no decision depends on the stage.
 */
export function reportStage(
  store: Pick<RunnerStore, "get" | "update">,
  id: string,
  stage: Stage,
  clock: Clock,
): () => Promise<void> {
  const over = new AbortController();
  const write = async (next: Stage) => {
    for (;;) {
      const stored = await store.get(id);
      if (stored?.record.status.phase !== "ready") return;
      const status = withChange(stored.record, { stage: next }, clock.now());
      if (await store.update(id, stored.version, { status }) !== undefined) return;
    }
  };
  const shown = clock.sleep(SLOW_MS, over.signal).then(() => write(stage)).then(() => true, () => false);
  return async () => {
    over.abort();
    if (await shown) await write("none").catch(() => {});
  };
}
