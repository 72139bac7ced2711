import assert from "node:assert/strict";
import { isForgotten, mayFollow, observedPhase, type Phase, TOMBSTONE_MS } from "./runner.ts";

const PHASES: Phase[] = ["creating", "ready", "lost", "destroying", "destroyed", "failed"];
const NOW = 1_000_000_000;

for (const phase of PHASES) {
  Deno.test(`mayFollow() lets ${phase} be destroyed or made again`, () => {
    assert.ok(mayFollow(phase, phase === "destroyed" ? "destroyed" : "destroying"));
    if (phase !== "destroying") assert.ok(mayFollow(phase, "creating"));
  });
}

Deno.test("mayFollow() lets nothing be ready that was not being made", () => {
  assert.deepEqual(PHASES.filter((phase) => mayFollow(phase, "ready")), ["creating", "ready"]);
});

const cases: { phase: Phase; alive: boolean; agoMs: number; want: Phase }[] = [
  { phase: "ready", alive: true, agoMs: 0, want: "ready" },
  { phase: "ready", alive: false, agoMs: 0, want: "lost" },
  { phase: "creating", alive: true, agoMs: 100_000, want: "creating" },
  { phase: "creating", alive: false, agoMs: 100, want: "creating" },
  { phase: "creating", alive: false, agoMs: 100_000, want: "lost" },
  { phase: "failed", alive: false, agoMs: 0, want: "failed" },
  { phase: "destroying", alive: true, agoMs: 0, want: "destroying" },
  { phase: "destroyed", alive: false, agoMs: 0, want: "destroyed" },
];
for (const { phase, alive, agoMs, want } of cases) {
  const components = alive ? "up" : "down";
  Deno.test(`observedPhase() shows ${phase} with components ${components} after ${agoMs} ms as ${want}`, () => {
    const record = { phase, phaseMessage: "", changedAtMs: NOW - agoMs };
    assert.equal(observedPhase(record, alive, NOW).phase, want);
  });
}

Deno.test("isForgotten() keeps a tombstone for seven days", () => {
  const tombstone = { endedAtMs: NOW, endedBy: "local", reason: "destroyed", message: "" } as const;
  assert.ok(!isForgotten({ phase: "destroyed", tombstone }, NOW + TOMBSTONE_MS));
  assert.ok(isForgotten({ phase: "destroyed", tombstone }, NOW + TOMBSTONE_MS + 1));
  assert.ok(!isForgotten({ phase: "ready" }, NOW));
});
