import assert from "node:assert/strict";
import type { ErrorCode } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { eventsOf, EXECUTION, fakeGrad, INFO, SUCCEEDED } from "../testing/fake_grad.ts";
import type { ExecuteRequest } from "./executions.ts";
import type { GradClient } from "./grad_client.ts";
import { reconnecting } from "./reconnecting.ts";

const ALL = { workspaceId: "", includeEnded: false };
const REF = { workspaceId: "ws-abcdefgh12345678", name: "runner-1" };
const signal = new AbortController().signal;
const failure = (code: ErrorCode) => new GradError(code, `Failed: ${code}`);

/** One that answers as scripted: codes are failures, at last "ok". */
function scriptedCalls(...answers: (ErrorCode | "ok")[]) {
  const made: string[] = [];
  const answer = <T>(value: T, what: string): Promise<T> => {
    made.push(what);
    const next = answers.shift() ?? "ok";
    return next === "ok" ? Promise.resolve(value) : Promise.reject(failure(next));
  };
  const client = () =>
    fakeGrad({
      runners: { list: () => answer([], "list") },
      executions: {
        execute: ({ idempotencyKey }) =>
          answer(
            {
              execution: EXECUTION,
              events: [],
              nextSeq: 1,
              done: false,
              resumed: false,
              unavailableDatasets: [],
            },
            idempotencyKey,
          ),
        readEvents: ({ fromSeq }) =>
          answer({ events: eventsOf(SUCCEEDED), nextSeq: 2, done: true }, `from ${fromSeq}`),
      },
    });
  return { client, made };
}

function setUp(...answers: (ErrorCode | "ok")[]) {
  const { client, made } = scriptedCalls(...answers);
  const clock = fakeClock();
  const first = client();
  const reported: string[] = [];
  let dials = 0;
  const dial = (): Promise<GradClient> => {
    dials++;
    return Promise.resolve(client());
  };
  const grad = reconnecting(first, {
    dial,
    clock,
    patienceMs: 30_000,
    onLost: (error) => reported.push(error.code),
  });
  return { grad, made, clock, first, reported, dials: () => dials };
}

/** Lets time pass until the call has ended. */
async function pass<T>(clock: ReturnType<typeof fakeClock>, call: Promise<T>): Promise<T> {
  let over = false;
  const done = call.finally(() => over = true);
  done.catch(() => {});
  while (!over) {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    await clock.advance(1_000);
  }
  return await done;
}

const EXECUTE = { idempotencyKey: "the-one-key-of-it" } as unknown as ExecuteRequest;

Deno.test("reconnecting() makes a lost call again on a new connection", async () => {
  const { grad, made, clock, first, reported, dials } = setUp("grad_unavailable", "ok");
  assert.deepEqual(
    await pass(clock, grad.runners.list({ workspaceId: "", includeEnded: false }, signal)),
    [],
  );
  assert.deepEqual(made, ["list", "list"]);
  assert.deepEqual([first.disposed, dials(), reported], [1, 1, ["grad_unavailable"]]);
});

Deno.test("reconnecting() reads on from the same cursor", async () => {
  const { grad, made, clock } = setUp("grad_unavailable", "runner_unavailable", "ok");
  await pass(clock, grad.executions.readEvents({ executionId: "x", fromSeq: 7, waitMs: 0 }, signal));
  assert.deepEqual(made, ["from 7", "from 7", "from 7"]);
});

Deno.test("reconnecting() executes again with the same key", async () => {
  const { grad, made, clock } = setUp("grad_unavailable", "outcome_unknown", "ok");
  await pass(clock, grad.executions.execute(EXECUTE, signal));
  assert.deepEqual(made, Array(3).fill("the-one-key-of-it"));
});

Deno.test("reconnecting() says outcome_unknown and the key when no answer comes", async () => {
  const { grad, clock } = setUp(...Array<ErrorCode>(100).fill("grad_unavailable"));
  const call = pass(clock, grad.executions.execute(EXECUTE, signal));
  await assert.rejects(call, { code: "outcome_unknown", hint: /--idempotency-key the-one-key-of-it/ });
});

Deno.test("reconnecting() gives up on other calls after its patience", async () => {
  const { grad, clock, dials } = setUp(...Array<ErrorCode>(100).fill("grad_unavailable"));
  const before = clock.now();
  const call = pass(clock, grad.runners.list({ workspaceId: "", includeEnded: false }, signal));
  await assert.rejects(call, { code: "grad_unavailable" });
  assert.ok(clock.now() - before <= 33_000);
  assert.ok(dials() > 5);
});

Deno.test("reconnecting() repeats a call that is lost after grad has worked on it for minutes", async () => {
  const clock = fakeClock();
  const list = async () => {
    await clock.sleep(120_000);
    throw failure("grad_unavailable");
  };
  const grad = reconnecting(fakeGrad({ runners: { list } }), {
    dial: () => Promise.resolve(fakeGrad({ runners: { list: () => Promise.resolve([]) } })),
    clock,
    patienceMs: 30_000,
    onLost: () => {},
  });
  assert.deepEqual(await pass(clock, grad.runners.list(ALL, signal)), []);
});

Deno.test("reconnecting() goes on when replica after replica ends while it works on the call, but not for ever", async () => {
  const lostAfter = (times: number) => {
    const clock = fakeClock();
    let calls = 0;
    const list = async () => {
      if (calls++ >= times) return [];
      await clock.sleep(20_000);
      throw failure("grad_unavailable");
    };
    const client = () => fakeGrad({ runners: { list } });
    const dial = () => Promise.resolve(client());
    const grad = reconnecting(client(), { dial, clock, patienceMs: 30_000, onLost: () => {} });
    return pass(clock, grad.runners.list(ALL, signal));
  };
  assert.deepEqual(await lostAfter(5), []);
  await assert.rejects(lostAfter(50), { code: "grad_unavailable" });
});

for (const code of ["runner_not_found", "sandbox_unavailable", "internal", "runner_unavailable"] as const) {
  Deno.test(`reconnecting() reports ${code} at once`, async () => {
    const { grad, made } = setUp(code);
    await assert.rejects(grad.runners.list({ workspaceId: "", includeEnded: false }, signal), { code });
    assert.equal(made.length, 1);
  });
}

Deno.test("reconnecting() executes again when grad is busy, and reports a full queue at once", async () => {
  const { grad, made, clock } = setUp("grad_busy", "ok", "queue_full");
  await pass(clock, grad.executions.execute(EXECUTE, signal));
  assert.equal(made.length, 2);
  await assert.rejects(grad.executions.execute(EXECUTE, signal), { code: "queue_full" });
  assert.equal(made.length, 3);
});

Deno.test("reconnecting() keeps the connection of a grad that is busy", async () => {
  const { grad, clock, first, dials } = setUp("grad_busy", "ok");
  await pass(clock, grad.runners.list(ALL, signal));
  assert.deepEqual([first.disposed, dials()], [0, 0]);
});

/** A grad whose first connection is lost by its first call, and that is dialled as scripted: codes are failures. */
function redialled(...answers: (ErrorCode | "ok")[]) {
  const lost = fakeGrad({ runners: { list: () => Promise.reject(failure("grad_unavailable")) } });
  const again = {
    ...fakeGrad({ runners: { list: () => Promise.resolve([]) } }),
    info: { ...INFO, instance: "4343-y" },
  };
  const clock = fakeClock();
  let dials = 0;
  const dial = (): Promise<GradClient> => {
    const answer = answers[dials++] ?? "ok";
    return answer === "ok" ? Promise.resolve(again) : Promise.reject(failure(answer));
  };
  const grad = reconnecting(lost, { dial, clock, patienceMs: 30_000, onLost: () => {} });
  return { grad, clock, dials: () => dials };
}

Deno.test("reconnecting() dials again when grad does not answer yet, and then has the info of the new grad", async () => {
  const { grad, clock, dials } = redialled("grad_unavailable", "grad_unavailable", "ok");
  assert.equal(grad.info.instance, INFO.instance);
  assert.deepEqual(await pass(clock, grad.runners.list(ALL, signal)), []);
  assert.equal(dials(), 3);
  assert.equal(grad.info.instance, "4343-y");
});

Deno.test("reconnecting() reports at once why a new connection is refused, and dials again for the next call", async () => {
  const { grad, clock, dials } = redialled("version_mismatch", "ok");
  await assert.rejects(pass(clock, grad.runners.list(ALL, signal)), { code: "version_mismatch" });
  assert.equal(dials(), 1);
  assert.deepEqual(await pass(clock, grad.runners.list(ALL, signal)), []);
  assert.equal(dials(), 2);
});

Deno.test("reconnecting() ends its wait when the caller does", async () => {
  const { grad, clock } = setUp(...Array<ErrorCode>(100).fill("grad_unavailable"));
  const stop = new AbortController();
  const call = grad.runners.get(REF, stop.signal).catch((error) => error);
  const listed = grad.runners.list({ workspaceId: "", includeEnded: false }, stop.signal).catch((error) =>
    error
  );
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  stop.abort(failure("cancelled"));
  assert.equal((await listed).code, "cancelled");
  await call;
  assert.ok(clock.now() > 0);
});

Deno.test("reconnecting() closes the connection that it has, once", async () => {
  const { grad, first } = setUp();
  await grad[Symbol.asyncDispose]();
  await grad[Symbol.asyncDispose]();
  assert.equal(first.disposed, 1);
});

for (
  const { patienceMs, tries } of [
    // The first wait is 50 ms, the second 100: a try is made that ends the patience exactly, and none after it.
    { patienceMs: 49, tries: 1 },
    { patienceMs: 50, tries: 2 },
    { patienceMs: 149, tries: 2 },
    { patienceMs: 150, tries: 3 },
  ]
) {
  Deno.test(`reconnecting() tries ${tries} times within ${patienceMs} ms`, async () => {
    const { client, made } = scriptedCalls(...Array<ErrorCode>(10).fill("grad_busy"));
    const clock = fakeClock();
    const dial = () => Promise.resolve(client());
    const grad = reconnecting(client(), { dial, clock, patienceMs, onLost: () => {} });
    let over = false;
    const call = grad.runners.list({ workspaceId: "", includeEnded: false }, signal).finally(() =>
      over = true
    );
    call.catch(() => {});
    while (!over) {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      await clock.advance(1);
    }
    await assert.rejects(call, { code: "grad_busy" });
    assert.equal(made.length, tries);
  });
}

Deno.test("reconnecting() waits at most 2 s between two tries", async () => {
  const { client, made } = scriptedCalls(...Array<ErrorCode>(20).fill("grad_busy"));
  const times: number[] = [];
  const clock = fakeClock(0);
  const grad = reconnecting(client(), {
    dial: () => Promise.resolve(client()),
    clock: { ...clock, sleep: (ms, of) => (times.push(ms), clock.sleep(ms, of)) },
    patienceMs: 30_000,
    onLost: () => {},
  });
  const call = pass(clock, grad.runners.list({ workspaceId: "", includeEnded: false }, signal));
  await assert.rejects(call, { code: "grad_busy" });
  assert.deepEqual(times.slice(0, 8), [50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
  assert.equal(made.length, times.length + 1);
});

Deno.test("reconnecting() has the info of the connection that it has", async () => {
  const { client } = scriptedCalls("grad_unavailable", "ok");
  const clock = fakeClock();
  const [first, second] = [client(), client()];
  const grad = reconnecting({ ...first, info: { ...first.info, instance: "one" } }, {
    dial: () => Promise.resolve({ ...second, info: { ...second.info, instance: "two" } }),
    clock,
    patienceMs: 30_000,
    onLost: () => {},
  });
  assert.equal(grad.info.instance, "one");
  await pass(clock, grad.runners.list({ workspaceId: "", includeEnded: false }, signal));
  assert.equal(grad.info.instance, "two");
});

Deno.test("reconnecting() connects anew after a connection that failed", async () => {
  const { client, made } = scriptedCalls("grad_unavailable", "ok");
  const clock = fakeClock();
  let dials = 0;
  const grad = reconnecting(client(), {
    dial: () => ++dials < 3 ? Promise.reject(failure("grad_unavailable")) : Promise.resolve(client()),
    clock,
    patienceMs: 30_000,
    onLost: () => {},
  });
  await pass(clock, grad.runners.list({ workspaceId: "", includeEnded: false }, signal));
  assert.deepEqual([dials, made], [3, ["list", "list"]]);
});

Deno.test("reconnecting() reports a connection that fails for good", async () => {
  const { client } = scriptedCalls("grad_unavailable");
  const clock = fakeClock();
  const grad = reconnecting(client(), {
    dial: () => Promise.reject(failure("version_mismatch")),
    clock,
    patienceMs: 30_000,
    onLost: () => {},
  });
  const call = pass(clock, grad.runners.list({ workspaceId: "", includeEnded: false }, signal));
  await assert.rejects(call, { code: "version_mismatch" });
});

Deno.test("reconnecting() keeps the connection of a grad that is busy", async () => {
  const { grad, clock, first, dials } = setUp("grad_busy", "ok");
  await pass(clock, grad.runners.list({ workspaceId: "", includeEnded: false }, signal));
  assert.deepEqual([first.disposed, dials()], [0, 0]);
});

Deno.test("reconnecting() closes its connection once", async () => {
  const { grad, first } = setUp();
  await grad[Symbol.asyncDispose]();
  await grad[Symbol.asyncDispose]();
  assert.equal(first.disposed, 1);
});
