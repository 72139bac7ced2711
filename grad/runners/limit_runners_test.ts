import assert from "node:assert/strict";
import { limitRunners } from "./limit_runners.ts";
import { memoryStore } from "./testing/memory_store.ts";
import { aRecord } from "./testing/records.ts";

const ended = (name: string) =>
  aRecord({ name, spec: { desired: "destroyed" }, status: { phase: "destroyed" } });
const refused = (name: string) => ({ code: "quota_exhausted", message: new RegExp(`"${name}"`) } as const);

Deno.test("limitRunners() refuses a runner beyond the limit, and counts none that has ended", async () => {
  const store = limitRunners(memoryStore(), 2);
  const one = await store.create(aRecord({ name: "one" }));
  assert.ok(await store.create(ended("two")));
  assert.ok(await store.create(aRecord({ name: "three" })));
  await assert.rejects(store.create(aRecord({ name: "four" })), refused("four"));
  assert.equal(await store.create(aRecord({ name: "one" })), undefined, "one that exists is not refused");
  await store.delete(one!.record.id, one!.version);
  assert.ok(await store.create(aRecord({ name: "four" })));
});

Deno.test("limitRunners() refuses to use the name of an ended runner again beyond the limit", async () => {
  const store = limitRunners(memoryStore(), 1);
  const { record, version } = (await store.create(ended("old")))!;
  const revive = () => store.update(record.id, version, { spec: { ...record.spec, desired: "running" } });
  const live = (await store.create(aRecord({ name: "live" })))!;
  await assert.rejects(revive(), refused("old"));
  await store.update(live.record.id, live.version, { spec: { ...live.record.spec, desired: "destroyed" } });
  await assert.rejects(revive(), refused("old"), "one that is being destroyed still counts");
  const ending = (await store.get(live.record.id))!;
  await store.update(ending.record.id, ending.version, {
    status: { ...ending.record.status, phase: "destroyed" },
  });
  assert.ok(await revive());
});
