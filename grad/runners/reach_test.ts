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
    message: /its components are down/,
    hint: /execute-code/,
  });
});

Deno.test("reach() passes on what the component itself refuses", async () => {
  const refuse = () => Promise.reject(new GradError("file_not_found", "no"));
  await assert.rejects(reach(memoryBackend(), RECORD, refuse, { clock: fakeClock(), signal }), {
    code: "file_not_found",
  });
});
