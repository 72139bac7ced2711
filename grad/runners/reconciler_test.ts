import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { silentLogger } from "../../shared/log.ts";
import { aContext } from "../auth/testing/contexts.ts";
import type { RunnerBackend } from "./backend.ts";
import { dropClaims } from "./reconciler.ts";
import type { RunnerStore } from "./store.ts";
import { machine, memoryBackend } from "./testing/memory_backend.ts";
import { memoryStore } from "./testing/memory_store.ts";
import { aRecord, WORKSPACE } from "./testing/records.ts";
import { aService } from "./testing/service.ts";

const context = aContext();
const ref = (name: string) => ({ workspaceId: WORKSPACE, name });

function setUp(change: (backend: RunnerBackend) => RunnerBackend = (backend) => backend) {
  const [on, store] = [machine(), memoryStore()];
  const backend = change(memoryBackend(on));
  const lost = Promise.withResolvers<void>();
  const log = { ...silentLogger, warn: (event: string) => event === "claim.lost" && lost.resolve() };
  const service = aService({ store, backend, log });
  /** Another instance takes the record over, as it may when this one stands still until its claim has run out. */
  const overtake = async (id: string) => {
    const { record, version } = (await store.get(id))!;
    const claim = { holder: "other", attempt: "theirs", untilMs: Date.now() + 3_600_000 };
    assert.ok(await store.update(id, version, { status: record.status, claim }));
  };
  return { on, store, backend, service, overtake, lost: lost.promise };
}

for (const overtaken of [false, true]) {
  const when = overtaken ? "nothing when another instance has taken over" : "what it started";
  Deno.test(`Reconciler stops after a failed start ${when}`, async () => {
    const stopped: string[] = [];
    const { service, store, overtake, lost } = setUp((base) => ({
      ...base,
      async apply(record) {
        if (overtaken) await overtake(record.id);
        throw new Error("no such program");
      },
      stop: (id) => Promise.resolve(void stopped.push(id)),
    }));
    const { id } =
      (await store.create(aRecord({ status: { phase: "creating", observedGeneration: 0 } })))!.record;
    const reconciling = service.reconciler.reconcile(id);
    if (overtaken) {
      await lost;
      await finish(store, id, "failed");
    }
    await reconciling;
    assert.deepEqual(stopped, overtaken ? [] : [id]);
  });
}

for (const overtaken of [false, true]) {
  const when = overtaken ? "no volume when another instance has taken over" : "the volume of a runner";
  Deno.test(`Reconciler deletes ${when} after it stopped the components`, async () => {
    const deleted: string[] = [];
    const { service, store, overtake, lost } = setUp((base) => ({
      ...base,
      stop: (id) => overtaken ? overtake(id) : Promise.resolve(),
      deleteVolume: (id) => Promise.resolve(void deleted.push(id)),
    }));
    const { id } = (await store.create(aRecord({ generation: 2, spec: { desired: "destroyed" } })))!.record;
    const reconciling = service.reconciler.reconcile(id);
    if (overtaken) {
      await lost;
      await finish(store, id, "destroyed");
    }
    await reconciling;
    assert.deepEqual(deleted, overtaken ? [] : [id]);
  });
}

/** What the instance that took over writes at the end of its work. */
async function finish(store: RunnerStore, id: string, phase: "failed" | "destroyed"): Promise<void> {
  const { record, version } = (await store.get(id))!;
  const status = { ...record.status, phase, observedGeneration: record.generation };
  const tombstone = { endedAtMs: Date.now(), endedBy: "local", reason: "destroyed", message: "" } as const;
  const ended = phase === "destroyed" ? { ...status, tombstone } : status;
  assert.ok(await store.update(id, version, { status: ended, claim: null }));
}

for (const method of ["apply", "observe"] as const) {
  Deno.test(`Reconciler goes on later with a start whose ${method}() finds the API of the cluster away`, async () => {
    let isAway = true;
    const stopped: string[] = [];
    const { service, store, on } = setUp((base) => ({
      ...base,
      async apply(record, signal) {
        if (isAway && method === "apply") {
          throw new GradError("grad_unavailable", "Cannot reach the Kubernetes API");
        }
        await base.apply(record, signal);
        // The first look at the components is after this.
        if (isAway) on.up.clear();
      },
      observe: (id) =>
        isAway && method === "observe" && on.starts > 0
          ? Promise.reject(new GradError("grad_unavailable", "Cannot reach the Kubernetes API"))
          : base.observe(id),
      stop: (id) => Promise.resolve(void stopped.push(id)),
    }));
    const record = aRecord({ name: "away", status: { phase: "creating", observedGeneration: 0 } });
    await store.create(record);
    await assert.rejects(service.reconciler.reconcile(record.id), { code: "grad_unavailable" });
    const { status, claim } = (await store.get(record.id))!.record;
    assert.deepEqual([status.phase, status.failure, claim], ["creating", undefined, undefined]);
    assert.deepEqual(stopped, []);
    isAway = false;
    await service.reconciler.sweep();
    assert.equal((await store.get(record.id))!.record.status.phase, "ready");
  });
}

Deno.test("dropClaims() takes away what would be waited for", async () => {
  const { service, store } = setUp();
  const dead = { holder: "dead", attempt: "x", untilMs: Date.now() + 3_600_000 };
  const record = aRecord({ status: { phase: "destroying" }, spec: { desired: "destroyed" }, claim: dead });
  await store.create(record);
  await dropClaims(store);
  await service.reconciler.sweep();
  assert.equal((await store.get(record.id))?.record.status.phase, "destroyed");
});

Deno.test("Reconciler gives its claim back when its instance ends, and another goes on at once", async () => {
  const stopping = new AbortController();
  const [on, store] = [machine(), memoryStore()];
  const base = memoryBackend(on);
  const applying = Promise.withResolvers<void>();
  const hangs: RunnerBackend = {
    ...base,
    apply(_, signal) {
      applying.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  };
  const ending = aService({ store, backend: hangs, instance: "ending", stopping: stopping.signal });
  const call = ending.ensure(context, ref("handed"), undefined);
  call.catch(() => {});
  await applying.promise;
  stopping.abort(new Error("grad is stopping"));
  await assert.rejects(call, /grad is stopping/);
  const { record } = await aService({ store, backend: base }).ensure(context, ref("handed"), undefined);
  assert.equal(record.status.phase, "ready");
});

Deno.test("Reconciler pauses a runner that is wanted paused, and a request resumes it over the same volume", async () => {
  const { service, store, on } = setUp();
  const { record } = await service.ensure(context, ref("rests"), undefined);
  const volume = on.volumes.get(record.id);
  const { version } = (await store.get(record.id))!;
  await store.update(record.id, version, { spec: { ...record.spec, desired: "paused" } });
  await service.reconciler.reconcile(record.id);
  assert.equal((await store.get(record.id))?.record.status.phase, "paused");
  assert.equal(on.up.size, 0);
  assert.equal((await service.ensure(context, ref("rests"), undefined)).record.status.phase, "ready");
  assert.equal(on.volumes.get(record.id), volume);
});

Deno.test("Reconciler.run() records a loss that the backend reports, and ends with its instance", async () => {
  const stopping = new AbortController();
  const [on, store] = [machine(), memoryStore()];
  const backend = memoryBackend(on);
  const service = aService({ store, backend, stopping: stopping.signal });
  const { record } = await service.ensure(context, ref("watched"), undefined);
  const running = service.reconciler.run();
  while (on.watchers.size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await backend.crash(record.id);
  while ((await store.get(record.id))?.record.status.phase !== "lost") {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  stopping.abort();
  await running;
});

Deno.test("Reconciler records a loss, and starts nothing before it is asked", async () => {
  const { service, store, on } = setUp();
  const { record } = await service.ensure(context, ref("lost"), undefined);
  on.up.clear();
  await service.reconciler.sweep();
  const { status } = (await store.get(record.id))!.record;
  assert.deepEqual([status.phase, status.reason], ["lost", "components_ended"]);
  assert.equal(on.starts, 1);
  assert.equal((await service.ensure(context, ref("lost"), undefined)).created, false);
  assert.equal(on.starts, 2);
});

Deno.test("Reconciler.sweep() forgets a tombstone after seven days", async () => {
  const { service, store } = setUp();
  const tombstone = { endedAtMs: 0, endedBy: "local", reason: "destroyed", message: "" } as const;
  await store.create(aRecord({ spec: { desired: "destroyed" }, status: { phase: "destroyed", tombstone } }));
  await service.reconciler.sweep();
  assert.deepEqual(await store.list(), []);
});
