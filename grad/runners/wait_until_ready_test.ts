import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import type { AgentInfo } from "../agent/agent.ts";
import { ABSENT, type Observation, type RunnerBackend } from "./backend.ts";
import type { Stage } from "./stages.ts";
import { memoryBackend } from "./testing/memory_backend.ts";
import { aRecord } from "./testing/records.ts";
import { startFailure, waitUntilReady } from "./wait_until_ready.ts";

const RECORD = aRecord();
const signal = new AbortController().signal;
const RUNNING: Observation = { ...ABSENT, state: "running", stage: "waiting_for_kernels" };
const NOT_READY: AgentInfo = {
  agentVersion: "",
  api: 1,
  runnerId: "",
  ready: false,
  activeExecutions: 0,
  lastActiveMs: 0n,
  lastActivity: "",
};

/** Components that the backend sees as `observe` says, with an agent that answers `info`; none answers where that is absent. */
function backendOf(
  observe: () => Observation,
  info?: () => Partial<AgentInfo>,
  canAttach = () => true,
): RunnerBackend {
  const base = memoryBackend();
  return {
    ...base,
    observe: () => Promise.resolve(observe()),
    logs: (_, component) => Promise.resolve(`log of ${component}`),
    async connect(record) {
      const { agent, data } = await base.connect(record);
      const getInfo = () =>
        info === undefined
          ? Promise.reject(new GradError("runner_unavailable", "nobody listens"))
          : Promise.resolve({ ...NOT_READY, ...info() });
      const getStatus = () =>
        canAttach()
          ? Promise.resolve([])
          : Promise.reject(new GradError("runner_unavailable", "nobody listens"));
      return { agent: { ...agent, getInfo }, data: { ...data, getStatus } };
    },
  };
}

/** Waits, while the clock advances by `stepMs` for each poll. */
async function wait(backend: RunnerBackend, stages: Stage[] = [], stepMs = 10_000) {
  const clock = fakeClock();
  const report = (stage: Stage) => Promise.resolve(void stages.push(stage));
  const waiting = waitUntilReady(backend, RECORD, { clock, signal, report });
  let done = false;
  const settled = waiting.then(() => done = true, () => done = true);
  while (!done) {
    await clock.advance(stepMs);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
  await settled;
  return await waiting;
}

Deno.test("waitUntilReady() ends when kernels can be started, and reports each stage once", async () => {
  let looks = 0;
  const observe = (): Observation => ++looks < 3 ? { ...RUNNING, stage: "starting_components" } : RUNNING;
  const stages: Stage[] = [];
  const info = await wait(backendOf(observe, () => ({ ready: looks > 5 })), stages);
  assert.ok(info.ready);
  assert.deepEqual(stages, ["starting_components", "waiting_for_kernels"]);
});

Deno.test("waitUntilReady() waits for a data component that starts after the agent", async () => {
  let looks = 0;
  await wait(backendOf(() => (looks++, RUNNING), () => ({ ready: true }), () => looks > 3), [], 1_000);
  assert.equal(looks, 4);
});

Deno.test("waitUntilReady() fails at once when the components have ended, with the end of init's log", async () => {
  await assert.rejects(wait(backendOf(() => ABSENT)), {
    code: "runner_failed",
    reason: "components_ended",
    message: /have ended: log of init/,
  });
});

Deno.test("waitUntilReady() fails early when one component ends again and again", async () => {
  const failing: Observation = {
    ...RUNNING,
    state: "failing",
    reason: "component_failing",
    message: "its kernel component ends again and again (exit 1)",
  };
  await assert.rejects(wait(backendOf(() => failing)), {
    code: "runner_failed",
    reason: "component_failing",
    message: /kernel component ends again and again \(exit 1\)/,
  });
});

Deno.test("waitUntilReady() refuses an agent of another API", async () => {
  const backend = backendOf(() => RUNNING, () => ({ api: 7, ready: true }));
  await assert.rejects(wait(backend), { code: "version_mismatch", reason: "version_mismatch" });
});

Deno.test("waitUntilReady() gives up a stage that makes no progress", async () => {
  await assert.rejects(wait(backendOf(() => RUNNING)), {
    code: "runner_failed",
    reason: "no_progress",
    message: /no progress for 90 s while waiting until kernels can be started/,
  });
});

Deno.test("waitUntilReady() has no limit for a stage that makes progress", async () => {
  let looks = 0;
  const observe = () => ({ ...RUNNING, progress: `${++looks} layers` });
  const { ready } = await wait(backendOf(observe, () => ({ ready: looks > 100 })));
  assert.ok(ready);
});

Deno.test("startFailure() keeps the code of a known failure, and its hint", () => {
  const refused = new GradError("sandbox_unavailable", "Cannot start a sandbox", {
    hint: "Install bubblewrap.",
  });
  const { error, status } = startFailure(RECORD, refused);
  assert.equal(error, refused);
  assert.equal(status.reason, "sandbox_unavailable");
  assert.deepEqual(status.failure, { code: "sandbox_unavailable", hint: "Install bubblewrap." });
});

Deno.test("waitUntilReady() gives a node without free memory some seconds, and then names the scheduler's reason", async () => {
  const unschedulable: Observation = {
    ...ABSENT,
    state: "failing",
    stage: "scheduling",
    reason: "unschedulable",
    message: "Insufficient memory",
  };
  let looks = 0;
  const passes = backendOf(() => ++looks < 4 ? unschedulable : RUNNING, () => ({ ready: looks >= 4 }));
  assert.ok((await wait(passes, [], 1_000)).ready);
  await assert.rejects(wait(backendOf(() => unschedulable), [], 1_000), {
    code: "runner_failed",
    reason: "unschedulable",
    message: /Insufficient memory/,
    hint: /--memory/,
  });
});

Deno.test("startFailure() records a quota as the reason", () => {
  const { status } = startFailure(RECORD, new GradError("quota_exhausted", "exceeded quota"));
  assert.deepEqual([status.reason, status.failure?.code], ["quota_exceeded", "quota_exhausted"]);
});
