import assert from "node:assert/strict";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { reportStage } from "./report_stage.ts";
import { memoryStore } from "./testing/memory_store.ts";
import { aRecord } from "./testing/records.ts";

async function setUp() {
  const [store, clock, record] = [memoryStore(), fakeClock(), aRecord()];
  await store.create(record);
  const stage = async () => (await store.get(record.id))?.record.status.stage;
  return { store, clock, record, stage };
}

Deno.test("reportStage() writes nothing about what is over soon", async () => {
  const { store, clock, record } = await setUp();
  const over = reportStage(store, record.id, "mounting_datasets", clock);
  await over();
  await clock.advance(1_000);
  assert.deepEqual((await store.get(record.id))?.record, record);
});

Deno.test("reportStage() shows what takes long until it is over, and leaves the rest as others have written it", async () => {
  const { store, clock, record, stage } = await setUp();
  const over = reportStage(store, record.id, "mounting_datasets", clock);
  await clock.advance(1_000);
  while (await stage() !== "mounting_datasets") await Promise.resolve();
  const { version } = (await store.get(record.id))!;
  await store.update(record.id, version, { spec: { ...record.spec, requestedBy: "another" } });
  await over();
  const stored = await store.get(record.id);
  assert.equal(stored?.record.status.stage, "none");
  assert.equal(stored?.record.spec.requestedBy, "another");
});

Deno.test("reportStage() changes nothing of a runner that is no longer ready", async () => {
  const { store, clock, record, stage } = await setUp();
  const { version } = (await store.get(record.id))!;
  const status = { ...record.status, phase: "destroying", stage: "deleting_volume" } as const;
  await store.update(record.id, version, { status });
  const over = reportStage(store, record.id, "mounting_datasets", clock);
  await clock.advance(1_000);
  await over();
  assert.equal(await stage(), "deleting_volume");
});
