import assert from "node:assert/strict";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { RunnerBackend } from "./backend.ts";
import { startRunner } from "./start_runner.ts";
import { memoryBackend } from "./testing/memory_backend.ts";
import { aRecord } from "./testing/records.ts";

const RECORD = aRecord();
const signal = new AbortController().signal;

/** The memory backend with an agent that never is ready, and components as told. */
function broken(
  components: Awaited<ReturnType<RunnerBackend["inspect"]>>,
  info?: Partial<{ api: number }>,
): RunnerBackend {
  const base = memoryBackend();
  const { agent, data } = base.components(RECORD.id);
  const getInfo = () =>
    info
      ? Promise.resolve({
        agentVersion: "",
        api: 1,
        runnerId: "",
        ready: true,
        activeExecutions: 0,
        lastActiveMs: 0n,
        lastActivity: "",
        ...info,
      })
      : Promise.reject(new GradError("runner_unavailable", "nobody listens"));
  return {
    ...base,
    inspect: () => Promise.resolve(components),
    logTail: (_, component) => Promise.resolve(`last words of ${component}`),
    components: () => ({ agent: { ...agent, getInfo }, data }),
  };
}

function start(backend: RunnerBackend, progress: string[] = [], clock = fakeClock()) {
  return startRunner(backend, RECORD, {
    clock,
    signal,
    progress: (message) => Promise.resolve(progress.push(message)),
  });
}

Deno.test("startRunner() tells its steps and ends when kernels can be started", async () => {
  const progress: string[] = [];
  assert.ok((await start(memoryBackend(), progress)).ready);
  assert.deepEqual(progress, ["starting components", "waiting for the kernel component"]);
});

Deno.test("startRunner() fails at once when the components have ended, with their last words", async () => {
  await assert.rejects(start(broken(undefined)), {
    code: "runner_failed",
    message: /have ended: last words of init/,
  });
});

Deno.test("startRunner() fails early when one component ends again and again", async () => {
  const components = [{ name: "data", alive: true, restarts: 0, lastExit: "" }, {
    name: "kernel",
    alive: false,
    restarts: 4,
    lastExit: "exit 1",
  }];
  await assert.rejects(start(broken(components)), {
    code: "runner_failed",
    message: /kernel component ends again and again \(exit 1\): last words of kernel/,
  });
});

Deno.test("startRunner() refuses an agent of another API", async () => {
  await assert.rejects(start(broken([], { api: 7 })), { code: "version_mismatch" });
});

Deno.test("startRunner() gives up after a bounded time", async () => {
  const clock = fakeClock();
  const failing = assert.rejects(start(broken([]), [], clock), {
    code: "runner_failed",
    message: /took too long/,
  });
  let done = false;
  void failing.then(() => done = true);
  while (!done) await clock.advance(10_000);
  await failing;
});
