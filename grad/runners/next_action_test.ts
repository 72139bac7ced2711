import assert from "node:assert/strict";
import type { ComponentsState } from "./backend.ts";
import { type Action, nextAction, type ObservedState } from "./next_action.ts";
import { type Claim, type Desired, type Phase, TOMBSTONE_MS } from "./runner.ts";

const NOW = 1_000_000_000_000;
const PHASES: readonly Phase[] = [
  "creating",
  "ready",
  "lost",
  "pausing",
  "paused",
  "destroying",
  "destroyed",
  "failed",
];
const DESIRED: readonly Desired[] = ["running", "paused", "destroyed"];
const COMPONENTS: readonly ComponentsState[] = ["absent", "starting", "running", "failing", "stopping"];
const CLAIMS: readonly (Claim | undefined)[] = [
  undefined,
  { holder: "other", attempt: "a", untilMs: NOW + 1 },
  { holder: "other", attempt: "a", untilMs: NOW },
];

const observed = (state: Partial<ObservedState>): ObservedState => ({
  phase: "ready",
  observedGeneration: 1,
  endedAtMs: NOW,
  components: "running",
  ...state,
});

const cases: {
  name: string;
  desired: Desired;
  asked?: boolean;
  at: Partial<ObservedState>;
  want: Action["kind"];
}[] = [
  { name: "leaves a ready runner alone", desired: "running", at: {}, want: "none" },
  {
    name: "confirms a request that a ready runner meets",
    desired: "running",
    asked: true,
    at: {},
    want: "confirm",
  },
  {
    name: "records a loss, and starts nothing by itself",
    desired: "running",
    at: { components: "absent" },
    want: "mark_lost",
  },
  {
    name: "pauses what was not ready yet, also where no components are",
    desired: "paused",
    at: { phase: "creating", components: "absent" },
    want: "pause",
  },
  {
    name: "starts what is lost when it is asked for",
    desired: "running",
    asked: true,
    at: { components: "absent" },
    want: "start",
  },
  {
    name: "starts a recorded loss when it is asked for",
    desired: "running",
    asked: true,
    at: { phase: "lost", components: "absent" },
    want: "start",
  },
  {
    name: "leaves a recorded loss alone",
    desired: "running",
    at: { phase: "lost", components: "absent" },
    want: "none",
  },
  {
    name: "leaves a failure alone until it is asked again",
    desired: "running",
    at: { phase: "failed", components: "absent" },
    want: "none",
  },
  {
    name: "tries again after a failure when asked",
    desired: "running",
    asked: true,
    at: { phase: "failed", components: "absent" },
    want: "start",
  },
  {
    name: "finishes a start that nobody finished",
    desired: "running",
    at: { phase: "creating", components: "absent" },
    want: "start",
  },
  {
    name: "lets its init restart a failing component",
    desired: "running",
    at: { components: "failing" },
    want: "none",
  },
  {
    name: "starts anew after the end when asked",
    desired: "running",
    asked: true,
    at: { phase: "destroyed", components: "absent" },
    want: "start",
  },
  {
    name: "resumes a paused runner when asked",
    desired: "running",
    asked: true,
    at: { phase: "paused", components: "absent" },
    want: "start",
  },
  { name: "pauses a ready runner", desired: "paused", asked: true, at: {}, want: "pause" },
  {
    name: "finishes a pause that nobody finished",
    desired: "running",
    at: { phase: "pausing" },
    want: "pause",
  },
  {
    name: "leaves a paused runner alone",
    desired: "paused",
    at: { phase: "paused", components: "absent" },
    want: "none",
  },
  {
    name: "confirms a pause of what is paused",
    desired: "paused",
    asked: true,
    at: { phase: "paused", components: "absent" },
    want: "confirm",
  },
  {
    name: "finishes an end although the runner is wanted again",
    desired: "running",
    asked: true,
    at: { phase: "destroying" },
    want: "destroy",
  },
  {
    name: "keeps a tombstone for its time",
    desired: "destroyed",
    at: { phase: "destroyed", endedAtMs: NOW - TOMBSTONE_MS, components: "absent" },
    want: "none",
  },
  {
    name: "forgets a tombstone after its time",
    desired: "destroyed",
    at: { phase: "destroyed", endedAtMs: NOW - TOMBSTONE_MS - 1, components: "absent" },
    want: "forget",
  },
];
for (const { name, desired, asked = false, at, want } of cases) {
  Deno.test(`nextAction() ${name}`, () => {
    const generation = asked ? 2 : 1;
    assert.equal(nextAction({ desired, generation }, observed(at), undefined, NOW).kind, want);
  });
}

/** Every state that there is, with every claim on it. */
function* states() {
  for (const phase of PHASES) {
    for (const desired of DESIRED) {
      for (const components of COMPONENTS) {
        for (const generation of [1, 2]) {
          for (const endedAtMs of [NOW, NOW - TOMBSTONE_MS - 1]) {
            const at = observed({ phase, components, endedAtMs });
            const act = (claim?: Claim) => nextAction({ desired, generation }, at, claim, NOW);
            yield { phase, desired, components, generation, act };
          }
        }
      }
    }
  }
}

Deno.test("nextAction() ends a runner from every phase", () => {
  for (const { phase, desired, act } of states()) {
    if (desired === "destroyed" && phase !== "destroyed") assert.equal(act().kind, "destroy", phase);
  }
});

Deno.test("nextAction() waits for a claim exactly as long as it holds, and only where there is something to do", () => {
  const [, held, over] = CLAIMS;
  for (const { act } of states()) {
    const free = act();
    assert.deepEqual(act(over), free);
    assert.deepEqual(act(held), free.kind === "none" ? free : { kind: "wait", untilMs: NOW + 1 });
  }
});

Deno.test("nextAction() starts nothing without a request, unless a start is unfinished or components exist", () => {
  for (const { phase, desired, generation, components, act } of states()) {
    if (act().kind !== "start") continue;
    assert.equal(desired, "running");
    assert.ok(generation > 1 || phase === "creating" || components !== "absent", `${phase} ${generation}`);
  }
});

Deno.test("nextAction() stops and deletes nothing of a runner that is wanted, unless that has begun", () => {
  for (const { phase, desired, act } of states()) {
    if (desired !== "running") continue;
    const { kind } = act();
    if (kind === "destroy") assert.equal(phase, "destroying");
    if (kind === "pause") assert.equal(phase, "pausing");
    assert.notEqual(kind, "forget");
  }
});

Deno.test("nextAction() ends a runner whose record somebody deletes, and then forgets it at once", () => {
  const wanted = { desired: "destroyed", generation: 2, deleted: true } as const;
  const kind = (at: Partial<ObservedState>) => nextAction(wanted, observed(at), undefined, NOW).kind;
  assert.equal(kind({ phase: "ready" }), "destroy");
  assert.equal(kind({ phase: "destroyed", components: "running" }), "destroy");
  assert.equal(kind({ phase: "destroyed", components: "absent" }), "forget");
});

Deno.test("nextAction() starts what is lost again when that is due, and not before", () => {
  const wanted = { desired: "running", generation: 1 } as const;
  const kind = (recreateAtMs: number | undefined) => {
    const at = observed({ phase: "lost", components: "absent", recreateAtMs });
    return nextAction(wanted, at, undefined, NOW).kind;
  };
  assert.deepEqual([kind(undefined), kind(NOW + 1), kind(NOW)], ["none", "none", "start"]);
});
