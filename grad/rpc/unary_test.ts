import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { type handleUnaryCall, type ServerUnaryCall, type ServiceError, status } from "@grpc/grpc-js";
import { GradError } from "../../shared/errors.ts";
import { silentLogger } from "../../shared/log.ts";
import { UnaryEdge } from "./unary.ts";

function setUp(maxCalls = 10) {
  const stopping = new AbortController();
  const ids = { random: () => "id" };
  const edge = new UnaryEdge({ log: silentLogger, ids, now: () => 0, stopping: stopping.signal, maxCalls });
  return { edge, stopping };
}

/** Calls a handler as grpc-js does; `leave` is what a cancelled call emits. */
function start(handler: handleUnaryCall<string, string>) {
  const call = Object.assign(new EventEmitter(), { request: "asked" });
  const answer = new Promise<string | undefined>((resolve, reject) => {
    const respond = (error: unknown, value?: string | null) =>
      error ? reject(error as ServiceError) : resolve(value ?? undefined);
    handler(call as unknown as ServerUnaryCall<string, string>, respond);
  });
  return { answer, leave: () => call.emit("cancelled") };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

Deno.test("UnaryEdge.serve() gives the handler its request and answers with what it gives back", async () => {
  const { edge } = setUp();
  assert.equal(
    await start(edge.serve("M", ({ caller: { owner } }, request: string) => `${request} by ${owner}`)).answer,
    "asked by local",
  );
});

Deno.test("UnaryEdge.serve() aborts the handler when the client leaves", async () => {
  const { edge } = setUp();
  let seen: AbortSignal | undefined;
  const { answer, leave } = start(edge.serve("M", ({ signal }, _: string) => untilAborted(seen = signal)));
  leave();
  await assert.rejects(answer, { code: status.CANCELLED });
  assert.ok(seen?.aborted);
});

Deno.test("UnaryEdge.serve() answers even where a handler does not listen to its signal, when grad stops", async () => {
  const { edge, stopping } = setUp();
  const { answer } = start(edge.serve("M", () => new Promise<string>(() => {})));
  stopping.abort(new GradError("grad_unavailable", "Cannot finish the call: grad is stopping"));
  await assert.rejects(answer, { code: status.UNAVAILABLE, details: /stopping/ });
});

Deno.test("UnaryEdge.serve() refuses calls beyond its bound, and takes them again afterwards", async () => {
  const { edge } = setUp(1);
  const first = start(edge.serve("M", ({ signal }, _: string) => untilAborted(signal)));
  const second = edge.serve("M", () => "here");
  await assert.rejects(start(second).answer, { code: status.RESOURCE_EXHAUSTED });
  first.leave();
  await assert.rejects(first.answer);
  assert.equal(await start(second).answer, "here");
});
