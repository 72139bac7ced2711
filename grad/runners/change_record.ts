import { GradError } from "../../shared/errors.ts";
import type { RunnerRecords } from "./backend.ts";
import { mayFollow, type RunnerRecord } from "./runner.ts";

export type Change = Partial<Omit<RunnerRecord, "version" | "revision" | "id" | "ref" | "owner">>;

/**
 * Reads, changes and writes the record until nobody was faster. Answers the record as written.
 * @throws {GradError} `runner_not_found`, `runner_unavailable` where the new phase may not follow the stored one
 */
export async function changeRecord(
  records: Pick<RunnerRecords, "read" | "replace">,
  id: string,
  change: (record: RunnerRecord) => Change,
  nowMs: number,
): Promise<RunnerRecord> {
  for (;;) {
    const stored = await records.read(id);
    if (stored === undefined) {
      throw new GradError("runner_not_found", `Cannot find the runner ${id}: its record is gone`);
    }
    const wanted = change(stored);
    if (wanted.phase !== undefined && !mayFollow(stored.phase, wanted.phase)) {
      throw new GradError(
        "runner_unavailable",
        `Cannot make the runner "${stored.ref.name}" ${wanted.phase}: it is ${stored.phase}`,
        { hint: "Somebody else changes it at the same time; try again." },
      );
    }
    const next = { ...stored, ...wanted, revision: stored.revision + 1, changedAtMs: nowMs };
    if (await records.replace(next)) return next;
  }
}
