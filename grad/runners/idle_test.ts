import assert from "node:assert/strict";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { randomBelow } from "../../shared/testing/random.ts";
import { destroyAtMs, type IdleLimits, idleVerdict, latestActivity, pauseAtMs } from "./idle.ts";
import type { Desired, Phase } from "./runner.ts";
import { aRecord } from "./testing/records.ts";

const HOUR = 3_600_000;
const limits: IdleLimits = { pauseAfterMs: 12 * HOUR, destroyPausedAfterMs: 720 * HOUR };
const NOW = 1_000_000 * HOUR;

const at = (phase: Phase, desired: Desired, status: { lastActiveAtMs?: number; pausedAtMs?: number } = {}) =>
  aRecord({ status: { phase, ...status }, spec: { desired } });
const idle = (ms: number) => ({ lastActiveAtMs: NOW - ms, lastActivity: "execution" });

const cases: { name: string; record: ReturnType<typeof at>; idleMs: number; want: string }[] = [
  { name: "keeps a runner that was just used", record: at("ready", "running"), idleMs: 0, want: "keep" },
  {
    name: "keeps a runner until the limit",
    record: at("ready", "running"),
    idleMs: 12 * HOUR - 1,
    want: "keep",
  },
  {
    name: "pauses a runner exactly at the limit",
    record: at("ready", "running"),
    idleMs: 12 * HOUR,
    want: "pause",
  },
  {
    name: "keeps a paused runner until the limit",
    record: at("paused", "paused", { pausedAtMs: NOW - 720 * HOUR + 1 }),
    idleMs: 0,
    want: "keep",
  },
  {
    name: "destroys a paused runner exactly at the limit",
    record: at("paused", "paused", { pausedAtMs: NOW - 720 * HOUR }),
    idleMs: 0,
    want: "destroy",
  },
  {
    name: "keeps a paused runner that is to run again",
    record: at("paused", "running", { pausedAtMs: 0 }),
    idleMs: NOW,
    want: "keep",
  },
];
for (const { name, record, idleMs, want } of cases) {
  Deno.test(`idleVerdict() ${name}`, () =>
    assert.equal(idleVerdict(record, idle(idleMs), limits, NOW), want));
}

Deno.test("idleVerdict() does nothing in any state before it is due, nor without limits", () => {
  const next = randomBelow(1);
  const phases = [
    "creating",
    "ready",
    "lost",
    "pausing",
    "paused",
    "destroying",
    "destroyed",
    "failed",
  ] as const;
  const desires = ["running", "paused", "destroyed"] as const;
  const never: IdleLimits = { pauseAfterMs: undefined, destroyPausedAfterMs: undefined };
  for (let round = 0; round < 5_000; round++) {
    const phase = phases[next(phases.length)]!;
    const desired = desires[next(desires.length)]!;
    const record = at(phase, desired, { pausedAtMs: NOW - next(1_000) * HOUR });
    const activity = idle(next(24) * HOUR);
    const verdict = idleVerdict(record, activity, limits, NOW);
    const shown = [pauseAtMs(record, activity, limits), destroyAtMs(record, limits)];
    const [pauseAt = Infinity, destroyAt = Infinity] = shown;
    assert.equal(verdict, NOW >= pauseAt ? "pause" : NOW >= destroyAt ? "destroy" : "keep");
    // Nothing ends that is not in the phase that was asked for.
    if (verdict === "pause") assert.deepEqual([phase, desired], ["ready", "running"]);
    if (verdict === "destroy") assert.deepEqual([phase, desired], ["paused", "paused"]);
    assert.equal(idleVerdict(record, activity, never, NOW), "keep");
  }
});

Deno.test("a runner that is used at random times is paused only after the whole limit without use", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const next = randomBelow(seed);
    const clock = fakeClock(NOW);
    let record = aRecord({ status: { phase: "ready", lastActiveAtMs: NOW } });
    let usedAtMs = NOW;
    for (let step = 0; step < 2_000; step++) {
      await clock.advance(next(60) * 60_000);
      if (next(30) === 0) usedAtMs = clock.now();
      const info = { activeExecutions: 0, lastActiveMs: BigInt(usedAtMs), lastActivity: "execution" };
      const activity = latestActivity(record, info, clock.now());
      record = { ...record, status: { ...record.status, ...activity } };
      const paused = idleVerdict(record, activity, limits, clock.now()) === "pause";
      assert.equal(paused, clock.now() - usedAtMs >= 12 * HOUR);
    }
  }
});

Deno.test("latestActivity() takes the later of record and agent, and the present while code runs", () => {
  const record = aRecord({ status: { lastActiveAtMs: 100, lastActivity: "explicit" } });
  const info = (activeExecutions: number, lastActiveMs: bigint) => ({
    activeExecutions,
    lastActiveMs,
    lastActivity: "files",
  });
  assert.deepEqual(latestActivity(record, undefined, 900), { lastActiveAtMs: 100, lastActivity: "explicit" });
  // An agent that was restarted has forgotten everything.
  assert.deepEqual(latestActivity(record, info(0, 0n), 900), {
    lastActiveAtMs: 100,
    lastActivity: "explicit",
  });
  assert.deepEqual(latestActivity(record, info(0, 200n), 900), {
    lastActiveAtMs: 200,
    lastActivity: "files",
  });
  assert.deepEqual(latestActivity(record, info(1, 200n), 900), {
    lastActiveAtMs: 900,
    lastActivity: "execution",
  });
});
