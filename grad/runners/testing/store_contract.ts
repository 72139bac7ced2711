import assert from "node:assert/strict";
import type { RunnerStore } from "../store.ts";
import { aRecord } from "./records.ts";

/** Two views of one store, as two instances of grad have them. */
export type StoreWorld = AsyncDisposable & Readonly<{ stores: readonly [RunnerStore, RunnerStore] }>;

/** What every store does. Each store calls this once. */
export function storeContract(name: string, makeWorld: () => Promise<StoreWorld>): void {
  const test = (does: string, body: (one: RunnerStore, other: RunnerStore) => Promise<void>) =>
    Deno.test(`${name} store ${does}`, async () => {
      await using world = await makeWorld();
      await body(...world.stores);
    });
  const record = aRecord();
  const { id, spec, status } = record;
  /** A request that differs from the one before: an update that changes nothing may keep its version, and need not be reported. */
  let asked = 0;
  const request = () => ({ spec: { ...spec, requestedAtMs: ++asked } });

  test("lets one of many that create a record win", async (one, other) => {
    const made = await Promise.all([one, other, one, other].map((store) => store.create(record)));
    assert.equal(made.filter((stored) => stored !== undefined).length, 1);
    assert.deepEqual((await other.get(id))?.record, record);
  });

  test("has nothing to get, list, change or delete at first", async (one) => {
    assert.deepEqual(await one.list(), []);
    assert.equal(await one.get(id), undefined);
    assert.equal(await one.update(id, "1", { spec }), undefined);
    assert.equal(await one.delete(id, "1"), false);
  });

  test("lets one of many that read the same version change the record", async (one, other) => {
    const { version } = (await one.create(record))!;
    const changes = ["a", "b", "c", "d"].map((message, index) =>
      [one, other][index % 2]!.update(id, version, { status: { ...status, message } })
    );
    const written = (await Promise.all(changes)).filter((stored) => stored !== undefined);
    assert.equal(written.length, 1);
    assert.deepEqual(await other.get(id), written[0]);
    assert.notEqual(written[0]?.version, version);
  });

  test("counts a generation for each change of the spec, and for no other", async (one) => {
    const first = (await one.create(record))!;
    const seen = (await one.update(id, first.version, { status: { ...status, phase: "lost" } }))!;
    assert.equal(seen.record.generation, 1);
    const asked = (await one.update(id, seen.version, { spec: { ...spec, desired: "destroyed" } }))!;
    assert.equal(asked.record.generation, 2);
    assert.equal(asked.record.status.phase, "lost");
  });

  test("keeps a claim until an update replaces it or takes it away", async (one) => {
    const claim = { holder: "a", attempt: "1", untilMs: 5 };
    let stored = (await one.create(record))!;
    const update = async (change: Parameters<RunnerStore["update"]>[2]) =>
      stored = (await one.update(id, stored.version, change))!;
    await update({ status, claim });
    await update({ status });
    assert.deepEqual((await update({ spec })).record.claim, claim);
    assert.equal((await update({ status, claim: null })).record.claim, undefined);
  });

  test("deletes only the version that was read, never one that came after", async (one, other) => {
    const { version } = (await one.create(record))!;
    const revived = (await other.update(id, version, request()))!;
    assert.equal(await one.delete(id, version), false);
    assert.equal((await one.get(id))?.version, revived.version);
    const deleted = await Promise.all([one.delete(id, revived.version), other.delete(id, revived.version)]);
    assert.deepEqual(deleted.sort(), [false, true]);
    assert.equal(await one.get(id), undefined);
    // A version of the record that is gone is worth nothing for one of the same name.
    const again = (await one.create(aRecord({ status: { message: "again" } })))!;
    for (const old of [version, revived.version]) {
      assert.equal(await other.update(id, old, { spec }), undefined);
      assert.equal(await other.delete(id, old), false);
    }
    assert.equal((await one.get(id))?.version, again.version);
  });

  test(
    "watch() reports what another instance creates, changes and deletes, until it is aborted",
    async (one, other) => {
      const stop = new AbortController();
      const seen: string[] = [];
      let wake = () => {};
      const watching = (async () => {
        for await (const changed of one.watch(stop.signal)) {
          seen.push(changed);
          wake();
        }
      })();
      const report = async (change: () => Promise<unknown>) => {
        // A watch needs a moment to begin: the change is made again and again until it is reported.
        for (seen.length = 0; seen.length === 0;) {
          const woken = new Promise<void>((resolve) => wake = resolve);
          await change();
          const timer = setTimeout(() => wake(), 50);
          await woken;
          clearTimeout(timer);
        }
        assert.deepEqual([...new Set(seen)], [id]);
      };
      const remove = async () => {
        const stored = await other.get(id);
        if (stored !== undefined) await other.delete(id, stored.version);
      };
      await report(async () => {
        await remove();
        await other.create(record);
      });
      await report(async () => other.update(id, (await other.get(id))!.version, request()));
      await report(async () => {
        await other.create(record);
        await remove();
      });
      stop.abort();
      await watching;
    },
  );

  test("watch() ends also when it is aborted while it begins", async (one) => {
    const stop = new AbortController();
    const first = one.watch(stop.signal)[Symbol.asyncIterator]().next();
    stop.abort();
    assert.equal((await first).done, true);
  });
}
