import assert from "node:assert/strict";
import { changeRecord } from "./change_record.ts";
import { memoryRecords } from "./testing/memory_records.ts";
import { aRecord } from "./testing/records.ts";

Deno.test("changeRecord() repeats itself on what somebody else wrote in between", async () => {
  const records = memoryRecords();
  const record = aRecord();
  await records.create(record);
  let first = true;
  const changed = await changeRecord(records, record.id, (stored) => {
    if (first) void records.replace({ ...stored, revision: 2, lastActivity: "files" });
    first = false;
    return { phaseMessage: "busy" };
  }, 5_000);
  assert.equal(changed.revision, 3);
  assert.equal(changed.lastActivity, "files");
  assert.deepEqual(await records.read(record.id), changed);
});

Deno.test("changeRecord() refuses a phase that may not follow", async () => {
  const records = memoryRecords();
  const record = aRecord({ phase: "destroying" });
  await records.create(record);
  const change = changeRecord(records, record.id, () => ({ phase: "ready" }), 5_000);
  await assert.rejects(change, { code: "runner_unavailable", message: /it is destroying/ });
  await assert.rejects(changeRecord(records, "none", () => ({}), 5_000), { code: "runner_not_found" });
});
