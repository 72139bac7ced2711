import { GradError } from "../../shared/errors.ts";
import type { RunnerStore } from "./store.ts";

/**
 * Refuses new runners beyond `max` that have not ended: new records, and tombstones whose name is used again. Counts what is
 * recorded, since several grads share it; calls at the same moment may pass it together.
 */
export function limitRunners(base: RunnerStore, max: number): RunnerStore {
  async function check(name: string, id: string): Promise<void> {
    const live = (await base.list()).filter(({ record }) =>
      record.id !== id && (record.status.phase !== "destroyed" || record.spec.desired !== "destroyed")
    );
    if (live.length < max) return;
    throw new GradError("quota_exhausted", `Cannot make the runner "${name}": ${max} runners exist`, {
      hint: "End one with `gractl runner destroy <name>`.",
    });
  }
  return {
    async create(record) {
      await check(record.ref.name, record.id);
      return await base.create(record);
    },
    async update(id, version, change) {
      if ("spec" in change && change.spec.desired !== "destroyed") {
        const stored = await base.get(id);
        if (stored?.record.spec.desired === "destroyed") await check(stored.record.ref.name, id);
      }
      return await base.update(id, version, change);
    },
    get: (id) => base.get(id),
    list: () => base.list(),
    delete: (id, version) => base.delete(id, version),
    watch: (signal) => base.watch(signal),
  };
}
