import assert from "node:assert/strict";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { RecordChanges } from "./record_changes.ts";

/** A store whose watches yield what `change` is given, fail when told to, and end when they are aborted. */
function setUp() {
  const clock = fakeClock();
  const watches: { signal: AbortSignal; change(id: string): void; fail(): void }[] = [];
  async function* watch(signal: AbortSignal): AsyncGenerator<string> {
    const ids: string[] = [];
    let failed = false;
    let wake = () => {};
    const add = (work: () => void) => {
      work();
      wake();
    };
    watches.push({ signal, change: (id) => add(() => ids.push(id)), fail: () => add(() => failed = true) });
    signal.addEventListener("abort", () => wake());
    while (!signal.aborted) {
      if (failed) throw new Error("the watch failed");
      const next = ids.shift();
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => wake = resolve);
    }
  }
  const live = () => watches.filter(({ signal }) => !signal.aborted).length;
  return { clock, watches, live, changes: new RecordChanges({ watch }, clock) };
}

/** Lets everything run that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

/** Whether the wait has ended, without letting time pass. */
async function ended(wait: Promise<void>): Promise<boolean> {
  let over = false;
  void wait.then(() => over = true);
  await settle();
  return over;
}

Deno.test("RecordChanges watches once for all who wait, and not at all when nobody does", async () => {
  const { watches, live, changes } = setUp();
  assert.equal(watches.length, 0);
  const [one, two] = [changes.subscribe("a"), changes.subscribe("b")];
  await settle();
  assert.deepEqual([watches.length, live()], [1, 1]);
  one[Symbol.dispose]();
  await settle();
  assert.equal(live(), 1);
  two[Symbol.dispose]();
  await settle();
  assert.equal(live(), 0);
  using _ = changes.subscribe("a");
  await settle();
  assert.deepEqual([watches.length, live()], [2, 1]);
});

Deno.test("next() ends with a change of its record, and only of its own", async () => {
  const { watches, changes } = setUp();
  using one = changes.subscribe("a");
  await settle();
  const wait = one.next(1_000);
  watches[0]!.change("b");
  assert.equal(await ended(wait), false);
  watches[0]!.change("a");
  assert.equal(await ended(wait), true);
  // Once: the next wait is for the next change.
  const again = one.next(1_000);
  assert.equal(await ended(again), false);
  watches[0]!.change("a");
  assert.equal(await ended(again), true);
});

Deno.test("next() knows of a change that came between two waits, once", async () => {
  const { clock, watches, changes } = setUp();
  using one = changes.subscribe("a");
  await settle();
  watches[0]!.change("a");
  await settle();
  assert.equal(await ended(one.next(1_000)), true);
  const wait = one.next(1_000);
  assert.equal(await ended(wait), false);
  await clock.advance(1_000);
  assert.equal(await ended(wait), true);
});

Deno.test("next() ends after its time, and when its caller does", async () => {
  const { clock, changes } = setUp();
  using one = changes.subscribe("a");
  const wait = one.next(1_000);
  await clock.advance(999);
  assert.equal(await ended(wait), false);
  await clock.advance(1);
  assert.equal(await ended(wait), true);
  const stop = new AbortController();
  const other = one.next(1_000, stop.signal);
  assert.equal(await ended(other), false);
  stop.abort();
  assert.equal(await ended(other), true);
});

Deno.test("RecordChanges begins a watch that failed again, after a pause, and stops when nobody waits", async () => {
  const { clock, watches, changes } = setUp();
  const one = changes.subscribe("a");
  await settle();
  watches[0]!.fail();
  await settle();
  await clock.advance(999);
  await settle();
  assert.equal(watches.length, 1);
  await clock.advance(1);
  await settle();
  assert.equal(watches.length, 2);
  const wait = one.next(1_000);
  watches[1]!.change("a");
  assert.equal(await ended(wait), true);
  watches[1]!.fail();
  await settle();
  one[Symbol.dispose]();
  await settle();
  await clock.advance(10_000);
  await settle();
  assert.equal(watches.length, 2);
});
