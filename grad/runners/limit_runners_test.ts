import assert from "node:assert/strict";
import { limitRunners } from "./limit_runners.ts";
import { memoryRecords } from "./testing/memory_records.ts";
import { aRecord } from "./testing/records.ts";

Deno.test("limitRunners() refuses a runner beyond the limit, and counts none that has ended", async () => {
  const base = memoryRecords();
  const records = limitRunners(base, 2);
  assert.ok(await records.create(aRecord({ name: "one" })));
  assert.ok(await records.create(aRecord({ name: "two", phase: "destroyed" })));
  assert.ok(await records.create(aRecord({ name: "three" })));
  await assert.rejects(records.create(aRecord({ name: "four" })), {
    code: "quota_exhausted",
    message: /"four"/,
  });
  assert.ok(!await records.create(aRecord({ name: "one" })), "one that exists is told so, not refused");
  await records.remove(aRecord({ name: "one" }).id);
  assert.ok(await records.create(aRecord({ name: "four" })));
});
