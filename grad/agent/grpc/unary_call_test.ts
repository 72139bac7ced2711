import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { GradError } from "../../../shared/errors.ts";
import { CUTS, cutServer, PHASES } from "../../../shared/testing/cut_server.ts";
import { encodeError, STATUS_DETAILS } from "../../../shared/wire_error.ts";
import { agentClient } from "./agent_client.ts";
import { fromStatus, unaryCall } from "./unary_call.ts";

function failed(code: status, trailer?: Uint8Array): ServiceError {
  const metadata = new Metadata();
  if (trailer) metadata.set(STATUS_DETAILS, Buffer.from(trailer));
  return Object.assign(new Error("x"), { code, details: "said", metadata });
}

Deno.test("fromStatus() passes on the error that the component sent", () => {
  const sent = new GradError("kernel_not_found", "Cannot find “x”", { hint: "See those." });
  const got = fromStatus(failed(status.NOT_FOUND, encodeError(sent).details));
  assert.deepEqual([got.code, got.message, got.hint], [sent.code, sent.message, sent.hint]);
});

for (
  const [code, want] of [
    [status.UNAVAILABLE, "runner_unavailable"],
    [status.DEADLINE_EXCEEDED, "runner_unavailable"],
    [status.UNIMPLEMENTED, "version_mismatch"],
    [status.UNKNOWN, "internal"],
  ] as const
) {
  Deno.test(`fromStatus() takes ${status[code]} without our details for ${want}`, () => {
    assert.equal(fromStatus(failed(code)).code, want);
    assert.equal(fromStatus(failed(code, Uint8Array.of(123, 255))).code, want);
  });
}

for (const phase of PHASES) {
  for (const cut of CUTS) {
    Deno.test({
      name: `a component that ${cut} ${phase} is runner_unavailable`,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        await using server = await cutServer(phase, cut);
        const agent = agentClient(server.address);
        await assert.rejects(agent.getInfo(0, new AbortController().signal), { code: "runner_unavailable" });
        agent.close();
      },
    });
  }
}

Deno.test("unaryCall() gives the component its time, and no more", async () => {
  const started = performance.timeOrigin + performance.now();
  let deadline = 0;
  await unaryCall<string, string>(
    (_request, _metadata, options, respond) => {
      deadline = (options.deadline as Date).getTime();
      respond(null, "answer");
      return { cancel() {} };
    },
    "asked",
    { signal: new AbortController().signal, timeoutMs: 60_000 },
  );
  const ended = performance.timeOrigin + performance.now();
  assert.ok(started + 59_990 <= deadline && deadline <= ended + 60_010);
});

Deno.test("unaryCall() cancels the call and rejects with the signal's reason", async () => {
  const leaving = new AbortController();
  let cancelled = false;
  const call = unaryCall<string, string>(
    (_request, _metadata, _options, respond) => ({
      cancel() {
        cancelled = true;
        respond(failed(status.CANCELLED), "");
      },
    }),
    "asked",
    { signal: leaving.signal, timeoutMs: 1_000 },
  );
  leaving.abort(new Error("left"));
  await assert.rejects(call, /left/);
  assert.ok(cancelled);
});

Deno.test({
  name: "agentClient() finds nobody on a socket that is not there, at once",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const agent = agentClient("unix:/nowhere/agent.sock");
    await assert.rejects(agent.getInfo(0, new AbortController().signal), { code: "runner_unavailable" });
    agent.close();
  },
});

Deno.test("unaryCall() sends the deadline, and does not wait for a socket unless it is asked to", async () => {
  const seen: { deadline: Date; waitForReady: boolean | undefined }[] = [];
  const call = (bounds: { waitForReady?: boolean }) =>
    unaryCall<string, string>(
      (_request, metadata, options, respond) => {
        seen.push({
          deadline: options.deadline as Date,
          waitForReady: metadata.getOptions().waitForReady,
        });
        queueMicrotask(() => respond(null, "answer"));
        return { cancel() {} };
      },
      "asked",
      { signal: new AbortController().signal, timeoutMs: 60_000, ...bounds },
    );
  const before = Date.now();
  assert.equal(await call({}), "answer");
  assert.equal(await call({ waitForReady: true }), "answer");
  assert.deepEqual(seen.map(({ waitForReady }) => waitForReady), [false, true]);
  for (const { deadline } of seen) {
    const timeMs = deadline.getTime() - before;
    assert.ok(timeMs > 30_000 && timeMs < 90_000, `${timeMs}`);
  }
});

Deno.test("unaryCall() makes no call when its caller has left", async () => {
  let calls = 0;
  const method = () => ({ cancel() {}, made: calls++ });
  const signal = AbortSignal.abort(new Error("left before"));
  await assert.rejects(unaryCall(method, "asked", { signal, timeoutMs: 1_000 }), /left before/);
  assert.equal(calls, 0);
});

Deno.test("unaryCall() cancels nothing after the answer", async () => {
  const leaving = new AbortController();
  let cancelled = 0;
  const answer = await unaryCall<string, string>(
    (_request, _metadata, _options, respond) => {
      queueMicrotask(() => respond(null, "answer"));
      return { cancel: () => void cancelled++ };
    },
    "asked",
    { signal: leaving.signal, timeoutMs: 1_000 },
  );
  leaving.abort();
  assert.deepEqual([answer, cancelled], ["answer", 0]);
});
