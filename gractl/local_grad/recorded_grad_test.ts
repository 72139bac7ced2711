import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { writeGradRecord } from "../../shared/grad_record.ts";
import type { GradClient } from "../client/grad_client.ts";
import { POLL_MS, RecordedGrad, type RecordedGradOptions } from "./recorded_grad.ts";

const signal = new AbortController().signal;
const STAT = `4242 (grad) S 1 ${"0 ".repeat(17)}77 0`;

/** A state folder with the record of process 4242, which never ends. `slept`: the lengths of all pauses, in ms. */
async function recorded(options: Partial<RecordedGradOptions>) {
  const stateDir = await Deno.makeTempDir({ prefix: "gractl-test-" });
  await writeGradRecord(stateDir, {
    socket: "/run/grad.sock",
    runtimeDir: "/run",
    instance: "ours",
    process: { pid: 4242, startTicks: "77" },
    version: "1",
    startedAt: "2026-01-01T00:00:00Z",
  });
  const [slept, signals]: [number[], string[]] = [[], []];
  let nowMs = 0;
  const grad = new RecordedGrad({
    stateDir,
    uid: Deno.uid()!,
    clock: {
      now: () => nowMs,
      sleep: (ms) => (slept.push(ms), nowMs += ms, Promise.resolve()),
    },
    processes: { run: () => Promise.resolve({ exitCode: 0, stdout: STAT, stderr: "" }) },
    kill: (pid, how) => void signals.push(`${pid} ${how}`),
    dial: () => Promise.reject(new Error("not dialled in this test")),
    ...options,
  });
  return { grad, slept, signals, [Symbol.asyncDispose]: () => Deno.remove(stateDir, { recursive: true }) };
}

Deno.test("RecordedGrad.stop() waits 10 s after SIGTERM and after SIGKILL, and then fails", async () => {
  await using here = await recorded({});
  await assert.rejects(here.grad.stop(signal), {
    code: "grad_unavailable",
    message: "Cannot stop grad: process 4242 does not end",
  });
  assert.deepEqual(here.signals, ["4242 SIGTERM", "4242 SIGKILL"]);
  assert.deepEqual(here.slept, new Array(2 * 10_000 / POLL_MS).fill(POLL_MS));
});

Deno.test("RecordedGrad.dial() closes the connection to another grad at the recorded socket, and fails", async () => {
  for (const [instance, closed] of [["ours", 0], ["theirs", 1]] as const) {
    let closings = 0;
    const close = () => (closings++, Promise.resolve());
    const client = { info: { instance }, [Symbol.asyncDispose]: close } as unknown as GradClient;
    await using here = await recorded({ dial: () => Promise.resolve(client) });
    if (closed === 0) assert.equal(await here.grad.dial(signal), client);
    else {await assert.rejects(here.grad.dial(signal), {
        code: "grad_unavailable",
        message: /another state folder/,
      });}
    assert.equal(closings, closed);
  }
});

Deno.test("RecordedGrad.dial() takes a refusal of permission for absence only when the process has ended", async () => {
  for (
    const [code, stdout, want] of [
      ["permission_denied", STAT, "permission_denied"],
      ["permission_denied", "", "grad_unavailable"],
      ["version_mismatch", "", "version_mismatch"],
    ] as const
  ) {
    await using here = await recorded({
      dial: () => Promise.reject(new GradError(code, "refused")),
      processes: { run: () => Promise.resolve({ exitCode: 0, stdout, stderr: "" }) },
    });
    await assert.rejects(here.grad.dial(signal), { code: want });
  }
});
