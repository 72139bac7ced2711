import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { ClaimLost, HeldClaim, LEASE_MS, Superseded, withChange } from "./held_claim.ts";
import { RecordChanges } from "./record_changes.ts";
import { memoryStore } from "./testing/memory_store.ts";
import { aRecord } from "./testing/records.ts";

const ID = aRecord().id;
/** See the constant of the same meaning in held_claim.ts. */
const MARGIN_MS = 5_000;

async function setUp() {
  const [store, clock, stopping] = [memoryStore(), fakeClock(), new AbortController()];
  let attempts = 0;
  const stored = (await store.create(aRecord()))!;
  const changes = new RecordChanges(store, clock);
  const ids = { random: () => `attempt-${++attempts}` };
  const take = (instance: string, from = stored) =>
    HeldClaim.take({ store, changes, clock, ids, instance, stopping: stopping.signal }, from, {
      phase: "creating",
    });
  const get = async () => (await store.get(ID))!;
  /** Lets time pass in steps, and everything that waits go on. */
  const pass = async (ms: number, stepMs = 1_000) => {
    for (let left = ms; left > 0; left -= stepMs) {
      await clock.advance(Math.min(left, stepMs));
      for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  };
  /** Another instance takes the record over. */
  const overtake = async () => {
    const { record, version } = await get();
    const claim = { holder: "other", attempt: "theirs", untilMs: clock.now() + LEASE_MS };
    await store.update(ID, version, { status: record.status, claim });
  };
  return { store, clock, stopping, stored, take, get, pass, overtake };
}

Deno.test("HeldClaim.take() lets one of two instances that read the same record win, and changes its status", async () => {
  const { take, get } = await setUp();
  const [one, other] = await Promise.all([take("a"), take("b")]);
  await using claim = one ?? other;
  assert.equal([one, other].filter((held) => held !== undefined).length, 1);
  const { record } = await get();
  assert.deepEqual([record.claim?.attempt, record.status.phase], [claim?.attempt, "creating"]);
});

Deno.test("HeldClaim renews itself for as long as it is held", async () => {
  const { take, get, pass, clock } = await setUp();
  await using claim = (await take("a"))!;
  await pass(10 * LEASE_MS);
  assert.ok((await get()).record.claim!.untilMs - clock.now() > MARGIN_MS);
  await claim.prove();
  assert.ok(!claim.signal.aborted);
});

Deno.test("HeldClaim is not renewed once it is disposed", async () => {
  const { take, get, pass, clock } = await setUp();
  const claim = (await take("a"))!;
  await claim[Symbol.asyncDispose]();
  await pass(2 * LEASE_MS);
  assert.ok((await get()).record.claim!.untilMs < clock.now());
});

Deno.test("HeldClaim.prove() refuses when another attempt has the record, and the signal aborts", async () => {
  const { take, overtake, get } = await setUp();
  await using claim = (await take("a"))!;
  await claim.prove();
  await overtake();
  await assert.rejects(claim.prove(), ClaimLost);
  assert.ok(claim.signal.reason instanceof ClaimLost);
  assert.equal((await get()).record.claim?.holder, "other");
  await assert.rejects(claim.release({ phase: "ready" }), ClaimLost);
  assert.equal((await get()).record.status.phase, "creating");
});

Deno.test("HeldClaim notices by itself that another attempt has the record", async () => {
  const { take, overtake, pass } = await setUp();
  await using claim = (await take("a"))!;
  await overtake();
  await pass(2_000);
  assert.ok(claim.signal.reason instanceof ClaimLost);
});

for (
  const { leftMs, holds } of [{ leftMs: MARGIN_MS + 1, holds: true }, { leftMs: MARGIN_MS, holds: false }]
) {
  const does = holds ? "proves its claim" : "refuses";
  Deno.test(`HeldClaim.prove() ${does} after standing still, with ${leftMs} ms left`, async () => {
    const { take, clock } = await setUp();
    await using claim = (await take("a"))!;
    // One jump: the process was stopped, and has not renewed meanwhile.
    const jumping = clock.advance(LEASE_MS - leftMs);
    if (holds) await claim.prove();
    else await assert.rejects(claim.prove(), ClaimLost);
    await jumping;
  });
}

Deno.test("HeldClaim aborts when the owner wants something else, not when the owner asks again", async () => {
  const { take, store, get, pass } = await setUp();
  await using claim = (await take("a"))!;
  const ask = async (desired: "running" | "destroyed") => {
    const { record, version } = await get();
    await store.update(ID, version, { spec: { ...record.spec, desired, requestedAtMs: 5_000 } });
    await pass(2_000);
  };
  await ask("running");
  assert.ok(!claim.signal.aborted);
  await ask("destroyed");
  assert.ok(claim.signal.reason instanceof Superseded);
  await claim.release({ phase: "failed" });
  assert.equal((await get()).record.spec.desired, "destroyed");
});

Deno.test("HeldClaim aborts with its instance, and can still be given back", async () => {
  const { take, stopping, get } = await setUp();
  await using claim = (await take("a"))!;
  stopping.abort(new Error("grad is stopping"));
  assert.equal(claim.signal.reason.message, "grad is stopping");
  await claim.release({});
  assert.equal((await get()).record.claim, undefined);
});

Deno.test("HeldClaim lives through failures of the store until it has run out", async () => {
  const { take, store, pass } = await setUp();
  await using claim = (await take("a"))!;
  const { get } = store;
  store.get = () => Promise.reject(new Error("the store does not answer"));
  await pass(LEASE_MS - MARGIN_MS - 2_000);
  assert.ok(!claim.signal.aborted);
  await pass(3_000);
  assert.ok(claim.signal.reason instanceof ClaimLost);
  store.get = get;
});

Deno.test("HeldClaim.take() fails with the store's error when the record cannot be written", async () => {
  const { take, store } = await setUp();
  store.update = () => Promise.reject(new Error("the store does not answer"));
  await assert.rejects(take("a"), /the store does not answer/);
});

Deno.test("HeldClaim.update() keeps what others have written meanwhile", async () => {
  const { take, store, get } = await setUp();
  await using claim = (await take("a"))!;
  const { record, version } = await get();
  await store.update(ID, version, { spec: { ...record.spec, requestedBy: "somebody" } });
  await claim.update({ stage: "waiting_for_kernels" });
  const after = (await get()).record;
  assert.deepEqual([after.spec.requestedBy, after.status.stage], ["somebody", "waiting_for_kernels"]);
  assert.equal(after.claim?.attempt, claim.attempt);
});

Deno.test("HeldClaim.release() ends the renewals, and the claim is nobody's", async () => {
  const { take, get, pass, stored } = await setUp();
  await using claim = (await take("a"))!;
  assert.equal(claim.generation, stored.record.generation);
  await claim.release({ phase: "ready" });
  await pass(2 * LEASE_MS);
  const { record } = await get();
  assert.deepEqual([record.claim ?? undefined, record.status.phase], [undefined, "ready"]);
  assert.ok(!claim.signal.aborted);
});

Deno.test("withChange() moves the time of the last change with the phase and with the stage, and only then", () => {
  const base = aRecord();
  const record = {
    ...base,
    status: { ...base.status, phase: "creating", stage: "waiting", changedAtMs: 1 },
  } as const;
  assert.deepEqual(withChange(record, {}, 9), record.status);
  assert.equal(withChange(record, { phase: "creating", stage: "waiting", reason: "none" }, 9).changedAtMs, 1);
  assert.deepEqual(withChange(record, { phase: "ready" }, 9), {
    ...record.status,
    phase: "ready",
    changedAtMs: 9,
  });
  assert.deepEqual(withChange(record, { stage: "none" }, 9), {
    ...record.status,
    stage: "none",
    changedAtMs: 9,
  });
});
