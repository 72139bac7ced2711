import assert from "node:assert/strict";
import { GradError } from "../../../shared/errors.ts";
import { jsonLogger } from "../../../shared/log.ts";
import type { CallContext } from "../../auth/call_context.ts";
import { CallCounts } from "../../telemetry/call_metrics.ts";
import { METHODS } from "./methods.ts";
import { callLog } from "./call_log.ts";
import { identified } from "./identity.ts";
import { internalErrors } from "./internal_errors.ts";
import { LoadLimit } from "./load_limit.ts";
import { measure } from "./measure.ts";
import { compose, type Middleware } from "./middleware.ts";
import { aCall } from "./testing/calls.ts";

/** A logger that keeps its lines. */
function logged() {
  const lines: Record<string, unknown>[] = [];
  return { lines, log: jsonLogger((line) => void lines.push(JSON.parse(line)), { now: () => 0 }) };
}

/** A clock in milliseconds that moves on by `stepMs` each time it is read. */
function steps(stepMs: number): () => number {
  let now = 0;
  return () => now += stepMs;
}

const refused = () => Promise.reject(new GradError("runner_busy", "Cannot"));

Deno.test("compose() calls the first middleware first, and the handler last", async () => {
  const order: string[] = [];
  const named = (name: string): Middleware => async (_call, next) => {
    order.push(`${name} in`);
    try {
      return await next();
    } finally {
      order.push(`${name} out`);
    }
  };
  const handler = () => Promise.resolve(order.push("handler"));
  await compose(named("a"), named("b"))(aCall(), handler);
  assert.deepEqual(order, ["a in", "b in", "handler", "b out", "a out"]);
  assert.equal(await compose()(aCall(), () => Promise.resolve("alone")), "alone");
});

Deno.test("identified() runs the handler as the caller that was authenticated", async () => {
  const authenticate = ({ authorization }: { authorization: string | undefined }) =>
    Promise.resolve({ owner: `owner of ${authorization}`, isAdmin: false });
  const call = aCall({ credentials: { authorization: "Bearer x" } });
  const seen = await identified({ by: "token", authenticate }, call, (context: CallContext) => context);
  assert.equal(seen.caller.owner, "owner of Bearer x");
  assert.equal(seen.signal, call.signal);
  seen.note({ runner: "r" });
  assert.deepEqual(call.noted(), { owner: "owner of Bearer x", runner: "r" });
});

Deno.test("identified() logs that a caller is an admin, and of a socket's only user nothing", async () => {
  const noted = async (by: "socket" | "token", isAdmin: boolean) => {
    const call = aCall();
    await identified({ by, authenticate: () => Promise.resolve({ owner: "ann", isAdmin }) }, call, () => {});
    return call.noted();
  };
  assert.deepEqual(await noted("token", true), { owner: "ann", admin: true });
  assert.deepEqual(await noted("token", false), { owner: "ann" });
  assert.deepEqual(await noted("socket", true), {});
});

Deno.test("identified() does not start the handler of a caller who is refused", async () => {
  let started = false;
  const authenticate = () => Promise.reject(new GradError("unauthenticated", "Cannot tell who calls"));
  const refused = identified({ by: "token", authenticate }, aCall(), () => started = true);
  await assert.rejects(refused, { code: "unauthenticated" });
  assert.ok(!started);
});

Deno.test("LoadLimit takes calls up to its bound, refuses one more, and takes it again when one has ended", async () => {
  const load = new LoadLimit(2);
  const ends = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const calls = ends.map(({ promise }) => load.middleware(aCall(), () => promise));
  assert.equal(load.running, 2);
  let started = false;
  const third = () => load.middleware(aCall(), () => Promise.resolve(started = true));
  await assert.rejects(third(), { code: "grad_busy" });
  assert.ok(!started);
  ends[0]!.resolve("answer");
  assert.equal(await calls[0], "answer");
  assert.ok(await third());
  ends[1]!.reject(new Error("boom"));
  await assert.rejects(calls[1]!, /boom/);
  assert.equal(load.running, 0);
});

Deno.test("callLog() writes one line after the answer, with what was noted and the code", async () => {
  const { lines, log } = logged();
  const call = aCall();
  const middleware = callLog(log, steps(12.34));
  await middleware(call, () => Promise.resolve(call.note({ runner: "r" })));
  assert.equal(lines.length, 0);
  call.answered();
  await assert.rejects(middleware(call, refused), { code: "runner_busy" });
  call.answered();
  const line = { level: "info", event: "rpc.done", method: "Handshake", runner: "r", ms: 12.3 };
  assert.deepEqual(lines.map(({ time: _, ...rest }) => rest), [
    { ...line, code: "ok" },
    { ...line, code: "runner_busy" },
  ]);
});

Deno.test("measure() counts answers and failures with their durations", async () => {
  const counts = new CallCounts(METHODS);
  const middleware = measure(counts, steps(250));
  await middleware(aCall(), () => {
    assert.equal(counts.snapshot().get("Handshake")?.running, 1);
    return Promise.resolve();
  });
  await assert.rejects(middleware(aCall(), refused));
  await assert.rejects(middleware(aCall(), () => Promise.reject(new Error("boom"))));
  const { ended, running, secondsSum } = counts.snapshot().get("Handshake")!;
  assert.deepEqual(ended, new Map([["ok", 1], ["runner_busy", 1], ["internal", 1]]));
  assert.equal(running, 0);
  assert.equal(secondsSum, 0.75);
});

Deno.test("internalErrors() hides the text of what is not ours, and keeps what is", async () => {
  const { lines, log } = logged();
  const middleware = internalErrors(log, { random: (length) => "x".repeat(length) });
  await assert.rejects(middleware(aCall(), refused), { code: "runner_busy" });
  assert.equal(lines.length, 0);
  const broken = middleware(aCall(), () => Promise.reject(new TypeError("private words")));
  await assert.rejects(broken, {
    code: "internal",
    message: "Cannot answer the call: internal error xxxxxxxxxx",
  });
  assert.deepEqual([lines[0]?.event, lines[0]?.error, lines[0]?.id, lines[0]?.method], [
    "rpc.bug",
    "private words",
    "xxxxxxxxxx",
    "Handshake",
  ]);
});
