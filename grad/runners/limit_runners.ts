import { GradError } from "../../shared/errors.ts";
import type { RunnerRecords } from "./backend.ts";

/** Refuses new runners beyond `max` that have not ended. Counts what is recorded, since several grads may share it. */
export function limitRunners(base: RunnerRecords, max: number): RunnerRecords {
  return {
    async create(record) {
      const live = (await base.list()).filter(({ phase, id }) => phase !== "destroyed" && id !== record.id);
      if (live.length >= max) {
        throw new GradError(
          "quota_exhausted",
          `Cannot make the runner "${record.ref.name}": ${max} runners exist`,
          {
            hint: "End one with `gractl runner destroy <name>`.",
          },
        );
      }
      return await base.create(record);
    },
    read: (id) => base.read(id),
    list: () => base.list(),
    replace: (record) => base.replace(record),
    remove: (id) => base.remove(id),
  };
}
