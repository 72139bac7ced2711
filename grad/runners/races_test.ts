/**
 * Two instances of grad over one store and one machine, driven through every await in an order that a seed decides. `SEEDS=5000 deno
 * test grad/runners/races_test.ts` tries more of them; a failure names its seed.
 */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { GradError, messageOf } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import { type FakeClock, fakeClock } from "../../shared/testing/fake_clock.ts";
import { random } from "../../shared/testing/random.ts";
import { aContext } from "../auth/testing/contexts.ts";
import type { RunnerBackend } from "./backend.ts";
import { runnerId } from "./names.ts";
import type { RunnerRef } from "./runner.ts";
import type { RunnerService } from "./service.ts";
import type { RunnerStore } from "./store.ts";
import { type Machine, machine, memoryBackend } from "./testing/memory_backend.ts";
import { memoryStore } from "./testing/memory_store.ts";
import { WORKSPACE } from "./testing/records.ts";
import { aService } from "./testing/service.ts";

const SEEDS = Number(Deno.env.get("SEEDS") ?? 150);
const REF: RunnerRef = { workspaceId: WORKSPACE, name: "raced" };
const ID = runnerId("local", REF);
const DAY_MS = 24 * 3600 * 1000;

type Turn = { instance: string; go: () => void };

/** Releases one waiting call at a time. An instance can be suspended, as a process after SIGSTOP. */
class Schedule {
  readonly clock: FakeClock = fakeClock();
  readonly #random: () => number;
  readonly #turns: Turn[] = [];
  #frozen: { instance: string; untilMs: number } | undefined;

  constructor(next: () => number) {
    this.#random = next;
  }

  turn(instance: string): Promise<void> {
    return new Promise((go) => this.#turns.push({ instance, go }));
  }

  freeze(instance: string, ms: number): void {
    this.#frozen = { instance, untilMs: this.clock.now() + ms };
  }

  /** Runs until `done` is settled. */
  async run(done: Promise<unknown>): Promise<void> {
    let settled = false;
    void done.then(() => settled = true, () => settled = true);
    for (let steps = 0; !settled; steps++) {
      assert.ok(steps < 20_000, "it does not end");
      await new Promise<void>((resolve) => void setImmediate(resolve));
      if (this.#frozen !== undefined && this.clock.now() >= this.#frozen.untilMs) this.#frozen = undefined;
      const free = this.#turns.filter(({ instance }) => instance !== this.#frozen?.instance);
      const next = free[Math.floor(this.#random() * free.length)];
      if (next === undefined) {
        await this.clock.advance(500);
        continue;
      }
      this.#turns.splice(this.#turns.indexOf(next), 1);
      next.go();
    }
    await done;
  }
}

type Counts = { begun: number; deletedLive: number; unclaimed: string[] };

/** The same store, with a turn before each call; counts deletions of live records. */
function turned(base: RunnerStore, instance: string, schedule: Schedule, counts: Counts): RunnerStore {
  return {
    async create(record) {
      await schedule.turn(instance);
      const made = await base.create(record);
      if (made !== undefined) counts.begun++;
      return made;
    },
    async get(id) {
      await schedule.turn(instance);
      return await base.get(id);
    },
    async list() {
      await schedule.turn(instance);
      return await base.list();
    },
    async update(id, version, change) {
      await schedule.turn(instance);
      const before = (await base.get(id))?.record;
      const written = await base.update(id, version, change);
      const revives = "spec" in change && change.spec.desired === "running";
      if (written !== undefined && revives && before?.spec.desired === "destroyed") counts.begun++;
      return written;
    },
    async delete(id, version) {
      await schedule.turn(instance);
      const before = (await base.get(id))?.record;
      const deleted = await base.delete(id, version);
      if (deleted && before?.spec.desired !== "destroyed") counts.deletedLive++;
      return deleted;
    },
    watch: (signal) => base.watch(signal),
  };
}

/** The same machine, with a turn before each side effect; records side effects without a claim. */
function turnedBackend(
  base: RunnerBackend,
  instance: string,
  options: {
    schedule: Schedule;
    store: RunnerStore;
    counts: Counts;
    fails: () => boolean;
    freezes: () => void;
  },
): RunnerBackend {
  const { schedule, store, counts, fails, freezes } = options;
  const effect = async (name: string, id: string) => {
    const holder = (await store.get(id))?.record.claim?.holder;
    if (holder !== instance) counts.unclaimed.push(`${name} by ${instance}, claimed by ${holder}`);
    freezes();
    await schedule.turn(instance);
  };
  return {
    ...base,
    recreatesLost: true,
    async apply(record, signal) {
      await effect("apply", record.id);
      if (fails()) throw new Error("the machine refuses");
      await base.apply(record, signal);
    },
    async stop(id) {
      await effect("stop", id);
      await base.stop(id);
    },
    async deleteVolume(id) {
      await effect("deleteVolume", id);
      await base.deleteVolume(id);
    },
    async observe(id) {
      await schedule.turn(instance);
      return await base.observe(id);
    },
  };
}

/** Errors that callers may get while others destroy, crash and revive the same runner. */
const EXPECTED: ReadonlySet<string> = new Set(["runner_unavailable", "runner_failed", "runner_not_found"]);

type World = Readonly<{
  schedule: Schedule;
  store: RunnerStore;
  on: Machine;
  services: readonly RunnerService[];
  counts: Counts;
  created: () => number;
  act: () => Promise<void>;
}>;

function aWorld(seed: number, freezesInEffects: boolean): World {
  const next = random(seed);
  const schedule = new Schedule(next);
  const [store, on] = [memoryStore(), machine()];
  const counts: Counts = { begun: 0, deletedLive: 0, unclaimed: [] };
  let attempts = 0;
  const ids: Ids = { random: () => `attempt-${++attempts}` };
  let steady = false;
  const services = ["a", "b"].map((instance) => {
    const freezes = () => {
      if (freezesInEffects && !steady && next() < 0.1) schedule.freeze(instance, 40_000);
    };
    const fails = () => !steady && next() < 0.1;
    return aService({
      store: turned(store, instance, schedule, counts),
      backend: turnedBackend(memoryBackend(on), instance, { schedule, store, counts, fails, freezes }),
      clock: schedule.clock,
      ids,
      instance,
      idle: { pauseAfterMs: DAY_MS, destroyPausedAfterMs: 9 * DAY_MS },
    });
  });
  let created = 0;
  const context = aContext();
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  async function one(): Promise<void> {
    const service = pick(services);
    for (let left = 1 + Math.floor(next() * 4); left > 0; left--) {
      await schedule.turn("caller");
      const choice = next();
      try {
        if (choice < 0.4) {
          const ensured = await service.ensure(context, REF, undefined, { verify: next() < 0.5 });
          if (ensured.created) created++;
        } else if (choice < 0.6) await service.destroy(context, REF, { force: true });
        else if (choice < 0.65) await service.pause(context, REF, { force: next() < 0.5 });
        else if (choice < 0.7) await service.resume(context, REF);
        else if (choice < 0.85) await service.reconciler.sweep();
        else if (choice < 0.9) on.up.delete(ID);
        else if (choice < 0.95) schedule.freeze(pick(["a", "b"]), 30_000);
        else await schedule.clock.advance(pick([1_000, 25_000, 8 * DAY_MS]));
      } catch (thrown) {
        if (thrown instanceof GradError && EXPECTED.has(thrown.code)) continue;
        throw thrown;
      }
    }
  }
  return {
    schedule,
    store,
    on,
    services,
    counts,
    created: () => created,
    async act() {
      await Promise.all(Array.from({ length: 4 }, one));
      steady = true;
      // Unfinished work is completed by the sweeps of both instances.
      for (const service of services) await service.reconciler.sweep();
    },
  };
}

async function race(seed: number, freezesInEffects: boolean): Promise<void> {
  const world = aWorld(seed, freezesInEffects);
  const { schedule, store, on, services, counts } = world;
  await schedule.run(world.act());
  assert.equal(counts.deletedLive, 0, "a live record was deleted");
  // At most one caller is told `created` for each time that the runner was made. (None where that caller got an error.)
  assert.ok(world.created() <= counts.begun, `${world.created()} callers made ${counts.begun} runners`);
  if (!freezesInEffects) assert.deepEqual(counts.unclaimed, []);
  checkState(await store.get(ID), on);
  // And the runner can still be used and destroyed.
  await schedule.run(services[1]!.ensure(aContext(), REF, undefined, { verify: true }));
  assert.equal((await store.get(ID))?.record.status.phase, "ready");
  assert.ok(on.up.has(ID));
  await schedule.run(services[0]!.destroy(aContext(), REF, { force: true }));
  checkState(await store.get(ID), on);
  assert.deepEqual([...on.up, ...on.volumes], []);
}

function checkState(stored: Awaited<ReturnType<RunnerStore["get"]>>, on: Machine): void {
  assert.equal(stored?.record.claim, undefined, "a claim is left");
  const phase = stored?.record.status.phase ?? "destroyed";
  assert.equal(
    phase === "ready",
    on.up.has(ID),
    `${phase}, and the components are ${on.up.has(ID) ? "" : "not "}up`,
  );
  if (phase === "destroyed") assert.ok(!on.volumes.has(ID), "a volume is left");
  assert.ok(["ready", "failed", "lost", "paused", "destroyed"].includes(phase), phase);
}

for (const freezesInEffects of [false, true]) {
  const where = freezesInEffects ? "also in the middle of side effects" : "between calls";
  Deno.test(`two instances race to create, pause, destroy and revive one runner, suspended ${where}`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        await race(seed, freezesInEffects);
      } catch (thrown) {
        throw new Error(`seed ${seed}: ${messageOf(thrown)}`, { cause: thrown });
      }
    }
  });
}
