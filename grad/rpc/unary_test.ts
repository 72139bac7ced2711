import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import {
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { GradError } from "../../shared/errors.ts";
import type { Middleware } from "./middleware/middleware.ts";
import { UnaryEdge } from "./unary.ts";

function setUp(middleware: Middleware = (_call, next) => next()) {
  const stopping = new AbortController();
  const authenticator = {
    by: "token" as const,
    authenticate: ({ authorization }: { authorization: string | undefined }) =>
      Promise.resolve({ owner: authorization ?? "nobody", isAdmin: false }),
  };
  const edge = new UnaryEdge({ middleware, authenticator, stopping: stopping.signal });
  return { edge, stopping };
}

/** Calls a handler as grpc-js does; `leave` is what a cancelled call emits. */
function start(handler: handleUnaryCall<string, string>) {
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer x");
  const call = Object.assign(new EventEmitter(), { request: "asked", metadata });
  const answer = new Promise<string | undefined>((resolve, reject) => {
    const respond = (error: unknown, value?: string | null) =>
      error ? reject(error as ServiceError) : resolve(value ?? undefined);
    handler(call as unknown as ServerUnaryCall<string, string>, respond);
  });
  return { answer, leave: () => call.emit("cancelled") };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

Deno.test("UnaryEdge.serve() gives the handler its request and caller, and answers with what it returns", async () => {
  const { edge } = setUp();
  const handler = edge.serve(
    "Handshake",
    ({ caller }, request: string) => `${request} by ${caller.owner}`,
  );
  assert.equal(await start(handler).answer, "asked by Bearer x");
});

Deno.test("UnaryEdge.serve() answers with the status of an error, whoever throws it", async () => {
  const refuse = () => Promise.reject(new GradError("grad_busy", "Cannot take the call"));
  const { edge } = setUp(refuse);
  const { answer } = start(edge.serve("Handshake", () => "here"));
  await assert.rejects(answer, { code: status.RESOURCE_EXHAUSTED, details: "Cannot take the call" });
});

Deno.test("UnaryEdge.serve() aborts the handler when the client leaves", async () => {
  const { edge } = setUp();
  const began = Promise.withResolvers<AbortSignal>();
  const { answer, leave } = start(edge.serve("Handshake", ({ signal }, _: string) => {
    began.resolve(signal);
    return untilAborted(signal);
  }));
  const signal = await began.promise;
  leave();
  await assert.rejects(answer, { code: status.CANCELLED });
  assert.ok(signal.aborted);
});

Deno.test("UnaryEdge.serve() answers when grad stops, even if the handler ignores its signal", async () => {
  const { edge, stopping } = setUp();
  const { answer } = start(edge.serve("Handshake", () => new Promise<string>(() => {})));
  stopping.abort(new GradError("grad_unavailable", "Cannot finish the call: grad is stopping"));
  await assert.rejects(answer, { code: status.UNAVAILABLE, details: /stopping/ });
});

Deno.test("UnaryEdge.serve() runs what comes after the answer after it", async () => {
  const order: string[] = [];
  const done = Promise.withResolvers<void>();
  const { edge } = setUp((call, next) => {
    call.afterAnswer(() => {
      order.push("after");
      done.resolve();
    });
    return next();
  });
  await start(edge.serve("Handshake", () => "here")).answer.then(() => order.push("answered"));
  await done.promise;
  assert.deepEqual(order, ["answered", "after"]);
});
