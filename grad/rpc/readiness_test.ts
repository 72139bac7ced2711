import assert from "node:assert/strict";
import { silentLogger } from "../../shared/log.ts";
import { type FakeClock, fakeClock } from "../../shared/testing/fake_clock.ts";
import { type Probe, Readiness } from "./readiness.ts";

function setUp(probe: Probe) {
  const clock = fakeClock();
  return { clock, readiness: new Readiness({ probe, clock, log: silentLogger }) };
}

/** A watcher that collects what is reported to it. */
function watcher() {
  const seen: (boolean | "ended")[] = [];
  return { seen, changed: (ready: boolean) => void seen.push(ready), ended: () => void seen.push("ended") };
}

/** Lets time pass, and what waits for it run until it waits again. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  await clock.advance(ms);
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** A probe whose answer can be changed, and the number of times that it was asked. */
function store() {
  const state = { up: true, probes: 0 };
  const probe = () => {
    state.probes++;
    return state.up ? Promise.resolve() : Promise.reject(new Error("down"));
  };
  return { state, probe };
}

Deno.test("Readiness.check() says what the probe finds, each time", async () => {
  const { state, probe } = store();
  const { readiness } = setUp(probe);
  assert.ok(await readiness.check());
  state.up = false;
  assert.ok(!await readiness.check());
  state.up = true;
  assert.ok(await readiness.check());
});

Deno.test("Readiness.check() shares one probe between callers, and takes no answer within 2 s for a failure", async () => {
  let probes = 0;
  let given: AbortSignal | undefined;
  const { readiness, clock } = setUp((signal) => {
    probes++;
    given = signal;
    return new Promise(() => {});
  });
  const answers = Promise.all([readiness.check(), readiness.check()]);
  await pass(clock, 2_000);
  assert.deepEqual(await answers, [false, false]);
  assert.equal(probes, 1);
  assert.ok(given?.aborted, "the probe is left running");
});

Deno.test("Readiness.check() is false once grad stops, without a probe, and for a probe under way", async () => {
  const { state, probe } = store();
  const { readiness } = setUp(probe);
  const underWay = readiness.check();
  readiness.stop();
  assert.ok(!await underWay);
  assert.ok(!await readiness.check());
  assert.equal(state.probes, 1);
});

Deno.test("Readiness.watch() reports changes by itself, until it is disposed", async () => {
  const { state, probe } = store();
  const { readiness, clock } = setUp(probe);
  const [first, second] = [watcher(), watcher()];
  const watching = readiness.watch(first);
  await pass(clock, 0);
  readiness.watch(second);
  state.up = false;
  await pass(clock, 5_000);
  assert.deepEqual([first.seen, second.seen], [[true, false], [true, false]]);
  await pass(clock, 5_000);
  watching[Symbol.dispose]();
  state.up = true;
  await pass(clock, 5_000);
  assert.deepEqual([first.seen, second.seen], [[true, false], [true, false, true]]);
  readiness.stop();
});

Deno.test("Readiness probes only while somebody watches", async () => {
  const { state, probe } = store();
  const { readiness, clock } = setUp(probe);
  const watching = readiness.watch(watcher());
  await pass(clock, 0);
  await pass(clock, 5_000);
  assert.equal(state.probes, 2);
  watching[Symbol.dispose]();
  await pass(clock, 60_000);
  assert.equal(state.probes, 2);
});

Deno.test("Readiness.stop() reports that to every watcher and ends it; later watchers likewise", async () => {
  const { probe } = store();
  const { readiness, clock } = setUp(probe);
  const [before, after] = [watcher(), watcher()];
  readiness.watch(before);
  await pass(clock, 0);
  readiness.stop();
  readiness.watch(after);
  await pass(clock, 60_000);
  assert.deepEqual(before.seen, [true, false, "ended"]);
  assert.deepEqual(after.seen, [false, "ended"]);
});
