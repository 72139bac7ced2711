import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import type { Event, EventBatch, ExecuteRequest, Execution } from "../client/executions.ts";
import { DEFAULT_SPEC } from "../client/runners.ts";
import { fakeDeps } from "../testing/fake_deps.ts";
import { eventsOf, EXECUTION, fakeGrad, scripted, STARTED, SUCCEEDED, utf8 } from "../testing/fake_grad.ts";
import { execute } from "./execute.ts";

const REQUEST: Omit<ExecuteRequest, "waitMs"> = {
  runner: EXECUTION.runner,
  spec: DEFAULT_SPEC,
  session: "default",
  kernel: "",
  idempotencyKey: "k".repeat(24),
  code: "1",
  paramsJson: "",
  codeName: "",
  columns: 0,
  deadlineMs: 0,
  datasets: [],
  requiredDatasets: [],
  keepOtherDatasets: false,
};
const OPTIONS = {
  request: REQUEST,
  outputs: () => undefined,
  detach: false,
  artifacts: true,
  fullTraceback: false,
  inline: true,
  warnings: [],
  missingKeys: new Map<string, string>(),
};

/** Runs pending promise callbacks. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** An execution that the test ends: `readEvents` waits for `end()`. */
function endless() {
  const interrupted: string[] = [];
  const stopped = Promise.withResolvers<Execution>();
  const finish = Promise.withResolvers<EventBatch>();
  const answer = Promise.withResolvers<void>();
  const client = fakeGrad({
    executions: {
      async execute() {
        await answer.promise;
        return {
          execution: EXECUTION,
          events: eventsOf(STARTED),
          nextSeq: 2,
          done: false,
          resumed: false,
          unavailableDatasets: [],
        };
      },
      readEvents: (_, signal) =>
        new Promise((resolve, reject) => {
          finish.promise.then(resolve, reject);
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        }),
      interrupt({ executionId, force, waitMs }) {
        interrupted.push(executionId);
        assert.deepEqual([force, waitMs], [false, 3_000]);
        return stopped.promise;
      },
    },
  });
  const ended: Event = { ...eventsOf({ ...SUCCEEDED, status: "interrupted" } as Event)[0]!, seq: 2 };
  return {
    client,
    interrupted,
    answer,
    end() {
      stopped.resolve({ ...EXECUTION, status: "interrupted" });
      finish.resolve({ events: [ended], nextSeq: 3, done: true });
    },
    /** The code takes no notice of the interrupt. */
    goOn: () => stopped.resolve({ ...EXECUTION, status: "running" }),
  };
}

Deno.test("execute() reads events from its cursor to the end", async () => {
  const out = ["a", "b", "c", "d", "e"].map((text) => ({ type: "stdout", data: utf8(text) }) as const);
  const executions = scripted(eventsOf({ type: "queued", ahead: 0 }, STARTED, ...out, SUCCEEDED), {
    batch: 3,
  });
  const client = fakeGrad({ executions });
  const deps = fakeDeps({ client });
  await execute(deps, OPTIONS);
  assert.equal(deps.text.stdout, "abcde");
  assert.deepEqual(executions.reads, [2, 5, 8]);
  assert.equal(client.disposed, 1);
  assert.equal(deps.exit, 0);
});

Deno.test("execute() makes no further call where the first response has all events", async () => {
  const executions = scripted(eventsOf(STARTED, SUCCEEDED), { first: 10 });
  await execute(fakeDeps({ client: fakeGrad({ executions }) }), OPTIONS);
  assert.deepEqual(executions.reads, []);
});

Deno.test("execute() interrupts the code on the first Ctrl-C and shows its end", async () => {
  const { client, interrupted, answer, end } = endless();
  const deps = fakeDeps({ client });
  const running = execute(deps, OPTIONS);
  answer.resolve();
  await settle();
  deps.interrupt();
  assert.deepEqual(interrupted, [EXECUTION.id]);
  end();
  await running;
  assert.equal(deps.exit, 130);
});

Deno.test("execute() interrupts as soon as it knows the id, where Ctrl-C comes before", async () => {
  const { client, interrupted, answer, end } = endless();
  const deps = fakeDeps({ client });
  const running = execute(deps, OPTIONS);
  await settle();
  deps.interrupt();
  assert.deepEqual(interrupted, []);
  answer.resolve();
  await settle();
  assert.deepEqual(interrupted, [EXECUTION.id]);
  end();
  await running;
});

Deno.test("execute() says that code has not stopped, and which command would stop it with what loss", async () => {
  const { client, answer, end, goOn } = endless();
  const deps = fakeDeps({ client });
  const running = execute(deps, OPTIONS);
  answer.resolve();
  await settle();
  deps.interrupt();
  await settle();
  assert.doesNotMatch(deps.text.stderr, /has not stopped/);
  goOn();
  await settle();
  assert.match(deps.text.stderr, /^The code has not stopped yet: .*all variables of session default/m);
  assert.match(deps.text.stderr, new RegExp(`gractl execution interrupt ${EXECUTION.id} --force`));
  end();
  await running;
});

Deno.test("execute() leaves the code running on the second Ctrl-C and hints how to attach", async () => {
  const { client, answer } = endless();
  const deps = fakeDeps({ client });
  const running = execute(deps, OPTIONS);
  answer.resolve();
  await settle();
  deps.interrupt();
  deps.interrupt();
  await assert.rejects(running, {
    code: "cancelled",
    message: /continues to run/,
    hint: new RegExp(`gractl execution attach ${EXECUTION.id}`),
  });
});

Deno.test("execute() with --detach prints the id, and on stderr how to attach", async () => {
  const executions = scripted(eventsOf({ type: "queued", ahead: 0 }, STARTED, SUCCEEDED));
  const deps = fakeDeps({ client: fakeGrad({ executions }) });
  await execute(deps, { ...OPTIONS, detach: true });
  assert.equal(deps.text.stdout, `${EXECUTION.id}\n`);
  assert.match(deps.text.stderr, /gractl execution attach /);
  assert.deepEqual(executions.reads, []);
});

Deno.test("execute() with --detach as JSON is an Execution without output", async () => {
  const client = fakeGrad({ executions: scripted(eventsOf({ type: "queued", ahead: 0 }, SUCCEEDED)) });
  const deps = fakeDeps({ client });
  deps.out.configure({ format: "json", color: false, quiet: false });
  await execute(deps, { ...OPTIONS, detach: true });
  const { kind, id, status, stdout } = JSON.parse(deps.text.stdout);
  assert.deepEqual([kind, id, status, stdout], ["Execution", EXECUTION.id, "queued", ""]);
});

Deno.test("execute() shows on a terminal what a slow start waits for", async () => {
  const { client, answer, end } = endless();
  const runners = {
    get: () => Promise.reject(new GradError("runner_not_found", "Cannot find it")),
  };
  const deps = fakeDeps({
    client: { ...client, runners: { ...fakeGrad({ runners }).runners, ...runners } },
    terminal: true,
  });
  const running = execute(deps, OPTIONS);
  await settle();
  await deps.clock.advance(299);
  await settle();
  assert.equal(deps.text.stderr, "");
  await deps.clock.advance(1);
  await settle();
  assert.match(deps.text.stderr, /starting runner-1…$/);
  answer.resolve();
  await settle();
  assert.ok(deps.text.stderr.endsWith("\r\x1b[K"));
  end();
  await running;
});
