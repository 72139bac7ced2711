import assert from "node:assert/strict";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { reportIfSlow } from "./report_if_slow.ts";
import { memoryRecords } from "./testing/memory_records.ts";
import { aRecord } from "./testing/records.ts";

Deno.test("reportIfSlow() writes nothing about what is over soon", async () => {
  const [records, clock, record] = [memoryRecords(), fakeClock(), aRecord()];
  await records.create(record);
  const over = reportIfSlow(records, record.id, "mounting datasets", clock);
  await over();
  await clock.advance(1_000);
  assert.deepEqual(await records.read(record.id), record);
});

Deno.test("reportIfSlow() shows what takes long until it is over", async () => {
  const [records, clock, record] = [memoryRecords(), fakeClock(), aRecord()];
  await records.create(record);
  const over = reportIfSlow(records, record.id, "mounting datasets", clock);
  await clock.advance(1_000);
  while ((await records.read(record.id))?.revision !== 2) await Promise.resolve();
  assert.equal((await records.read(record.id))?.phaseMessage, "mounting datasets");
  await over();
  assert.equal((await records.read(record.id))?.phaseMessage, "");
});
