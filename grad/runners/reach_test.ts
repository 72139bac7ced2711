import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { reach } from "./reach.ts";
import { machine, memoryBackend } from "./testing/memory_backend.ts";
import { aRecord } from "./testing/records.ts";

const RECORD = aRecord();
const signal = new AbortController().signal;
const away = () => Promise.reject(new GradError("runner_unavailable", "nobody listens"));

Deno.test("reach() repeats a call while a component restarts", async () => {
  const [clock, on] = [fakeClock(), machine()];
  await memoryBackend(on).apply(RECORD, signal);
  let calls = 0;
  const answer = reach(memoryBackend(on), RECORD, () => ++calls < 3 ? away() : Promise.resolve("here"), {
    clock,
    signal,
  });
  let got: string | undefined;
  void answer.then((value) => got = value);
  while (got === undefined) await clock.advance(100);
  assert.equal(got, "here");
});

Deno.test("reach() does not wait for components that are down, and says what starts them", async () => {
  const answer = reach(memoryBackend(), RECORD, away, { clock: fakeClock(), signal });
  await assert.rejects(answer, {
    code: "runner_unavailable",
    message: /it is stopped/,
    hint: /execute-code/,
  });
});

Deno.test("reach() says that a runner is paused, and what resumes it", async () => {
  const paused = aRecord({ status: { phase: "paused" } });
  await assert.rejects(reach(memoryBackend(), paused, away, { clock: fakeClock(), signal }), {
    code: "runner_unavailable",
    message: /it is paused/,
    hint: /gractl runner resume/,
  });
});

Deno.test("reach() passes on what the component itself refuses", async () => {
  const refuse = () => Promise.reject(new GradError("file_not_found", "no"));
  await assert.rejects(reach(memoryBackend(), RECORD, refuse, { clock: fakeClock(), signal }), {
    code: "file_not_found",
  });
});

Deno.test("reach() gives up 8 s after its start, and pauses 50 ms between two calls", async () => {
  const [clock, on] = [fakeClock(0), machine()];
  await memoryBackend(on).apply(RECORD, signal);
  const times: number[] = [];
  const call = () => {
    times.push(clock.now());
    return away();
  };
  let failed: unknown;
  void reach(memoryBackend(on), RECORD, call, { clock, signal }).catch((thrown) => failed = thrown);
  while (failed === undefined) {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    if (failed === undefined) await clock.advance(10);
  }
  assert.equal((failed as GradError).code, "runner_unavailable");
  assert.deepEqual(times.slice(0, 3), [0, 50, 100]);
  assert.equal(times.at(-1), 8_000);
});
