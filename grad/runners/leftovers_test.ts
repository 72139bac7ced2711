import assert from "node:assert/strict";
import { aContext } from "../auth/testing/contexts.ts";
import { machine, memoryBackend } from "./testing/memory_backend.ts";
import { memoryStore } from "./testing/memory_store.ts";
import { WORKSPACE } from "./testing/records.ts";
import { aService } from "./testing/service.ts";

const context = aContext();
const ref = (name: string) => ({ workspaceId: WORKSPACE, name });

function setUp() {
  const [on, store] = [machine(), memoryStore()];
  return { on, store, service: aService({ store, backend: memoryBackend(on) }) };
}

Deno.test("Reconciler.sweep() removes a volume that was made after its runner was destroyed, and keeps the tombstone", async () => {
  const { on, store, service } = setUp();
  const { record } = await service.ensure(context, ref("ended"), undefined);
  const volume = on.volumes.get(record.id)!;
  await service.destroy(context, ref("ended"), { force: true });
  const { tombstone } = (await store.get(record.id))!.record.status;
  on.volumes.set(record.id, volume);
  await service.reconciler.sweep();
  assert.equal(on.volumes.size, 0);
  const { status, claim } = (await store.get(record.id))!.record;
  assert.deepEqual([status.phase, status.tombstone, claim], ["destroyed", tombstone, undefined]);
});

Deno.test("Reconciler.sweep() leaves alone what another instance works on", async () => {
  const { on, store, service } = setUp();
  const { record } = await service.ensure(context, ref("claimed"), undefined);
  const volume = on.volumes.get(record.id)!;
  await service.destroy(context, ref("claimed"), { force: true });
  const { version, record: ended } = (await store.get(record.id))!;
  const claim = { holder: "other", attempt: "x", untilMs: Date.now() + 3_600_000 };
  await store.update(record.id, version, { status: ended.status, claim });
  on.volumes.set(record.id, volume);
  await service.reconciler.sweep();
  assert.equal(on.volumes.size, 1);
});

Deno.test("Reconciler.sweep() removes what has no record, and nothing of a runner that has one", async () => {
  const { on, store, service } = setUp();
  const { record: orphan } = await service.ensure(context, ref("orphan"), undefined);
  const { record: kept } = await service.ensure(context, ref("kept"), undefined);
  await store.delete(orphan.id, (await store.get(orphan.id))!.version);
  await service.reconciler.sweep();
  assert.deepEqual([[...on.up.keys()], [...on.volumes.keys()]], [[kept.id], [kept.id]]);
});
