import type { Clock } from "../../shared/clock.ts";
import type { RunnerRecords } from "./backend.ts";
import { changeRecord } from "./change_record.ts";

/** What is over sooner is not worth two writes of the record. */
const SLOW_MS = 300;

/** Writes `message` into the record if the work is not over soon. Call the answer when it is over; it never fails. */
export function reportIfSlow(
  records: RunnerRecords,
  id: string,
  message: string,
  clock: Clock,
): () => Promise<void> {
  const over = new AbortController();
  const write = (phaseMessage: string) => changeRecord(records, id, () => ({ phaseMessage }), clock.now());
  const told = clock.sleep(SLOW_MS, over.signal).then(() => write(message)).then(() => true, () => false);
  return async () => {
    over.abort();
    if (await told) await write("").catch(() => {});
  };
}
