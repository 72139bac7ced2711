import type { Clock } from "../../shared/clock.ts";
import { withChange } from "./held_claim.ts";
import type { Stage } from "./stages.ts";
import type { RunnerStore } from "./store.ts";

/** What is over sooner is not worth two writes of the record. */
const SLOW_MS = 300;

/**
 * Shows `stage` as what a ready runner is doing, if that takes long; until the answer is called, which never fails. Needs no claim:
 * it changes nothing that decides.
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
