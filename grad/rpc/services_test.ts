import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { aRecord, WORKSPACE } from "../runners/testing/records.ts";
import { type Served, served } from "../runners/testing/served.ts";
import { METHODS } from "./middleware/methods.ts";
import { execute, runnerCalls, SOME_DATASET } from "./testing/calls.ts";
import { call, clients } from "./testing/clients.ts";

type Clients = ReturnType<typeof clients>;

const ref = { workspaceId: WORKSPACE, name: "runner-1" };
function scenario(name: string, body: (clients: Clients, grad: Served) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using grad = await served();
      using all = clients(grad.address);
      await body(all, grad);
    },
  });
}

scenario("Handshake says which grad answers, and refuses clients of another API", async ({ system }) => {
  const handshake = (api: number) => call(system.handshake.bind(system), { clientVersion: "9.9.9", api });
  const { owner, backend, environments, instance } = await handshake(1);
  assert.deepEqual({ owner, backend, environments, instance }, {
    owner: "local",
    backend: "memory",
    environments: ["default"],
    instance: "test",
  });
  await assert.rejects(handshake(2), {
    status: "FAILED_PRECONDITION",
    code: "version_mismatch",
    hint: /grad/,
  });
});

scenario(
  "Execute answers with events as the agent made them, once for a key",
  async ({ execution }, { log }) => {
    const run = (code: string) => call(execution.execute.bind(execution), execute(ref, code));
    const first = await run("secret code");
    assert.deepEqual(first.events.map(({ kind }) => kind?.$case), [
      "queued",
      "started",
      "stdout",
      "finished",
    ]);
    assert.equal(first.nextSeq, 5n);
    assert.ok(first.done);
    assert.deepEqual(first.execution?.runner, { ...ref, owner: undefined });
    assert.equal((await run("secret code")).execution?.id, first.execution?.id);
    await assert.rejects(run("other code"), { status: "ALREADY_EXISTS", code: "idempotency_conflict" });

    const executionId = first.execution!.id;
    const read = { executionId, fromSeq: 3n, maxBytes: 0, waitMs: 0 };
    const { events } = await call(execution.readEvents.bind(execution), read);
    assert.deepEqual(events[0]?.kind, { $case: "stdout", value: { data: Buffer.from("secret code") } });

    const lines = log.filter(({ event, method }) => event === "rpc.done" && method === "Execute");
    assert.deepEqual(lines.map(({ code, level }) => [code, level]), [
      ["ok", "info"],
      ["ok", "info"],
      ["idempotency_conflict", "info"],
    ]);
    assert.equal(lines[0]?.runner, aRecord().id);
    assert.ok(!JSON.stringify(log).includes("secret"), "the code is in the log");
  },
);

Deno.test({
  name: "Diagnose answers with what the checks of the backend find",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const refused = new GradError("sandbox_unavailable", "Cannot start", { hint: "Install it." });
    await using grad = await served({
      checks: [
        {
          id: "disk",
          title: "disk space",
          run: () => Promise.resolve({ state: "warning", message: "little" }),
        },
        { id: "sandbox", title: "sandbox", run: () => Promise.reject(refused) },
      ],
    });
    using all = clients(grad.address);
    const { checks } = await call(all.system.diagnose.bind(all.system), {});
    assert.deepEqual(checks, [
      { id: "disk", title: "disk space", state: 2, message: "little", hint: "" },
      { id: "sandbox", title: "sandbox", state: 3, message: "Cannot start", hint: "Install it." },
    ]);
  },
});

scenario("every call is counted by method and code", async ({ system }, { metrics }) => {
  const handshake = (api: number) => call(system.handshake.bind(system), { clientVersion: "9.9.9", api });
  await handshake(1);
  await assert.rejects(handshake(2));
  const { ended, secondsSum } = metrics.snapshot().get("Handshake")!;
  assert.deepEqual(ended, new Map([["ok", 1], ["version_mismatch", 1]]));
  assert.ok(secondsSum > 0);
});

scenario("a failure of the data component reaches the client as it is", async ({ execution }) => {
  const refused = call(
    execution.execute.bind(execution),
    execute(ref, "1", { datasets: [{ ...SOME_DATASET, name: "broken" }], requiredDatasets: ["broken"] }),
  );
  await assert.rejects(refused, {
    status: "FAILED_PRECONDITION",
    code: "dataset_bucket_not_found",
    hint: "Check it.",
  });
});

scenario("a dataset that is not required and cannot be read is part of the answer", async ({ execution }) => {
  const broken = { ...SOME_DATASET, name: "broken" };
  const answer = await call(
    execution.execute.bind(execution),
    execute(ref, "1", { datasets: [SOME_DATASET, broken] }),
  );
  const told = answer.unavailableDatasets.map(({ name, state, errorHint }) => [name, state, errorHint]);
  assert.deepEqual(told, [["broken", 3, "Check it."]]);
});

scenario("runners are created, shown, listed and destroyed", async ({ runner }) => {
  const spec = { environment: "", network: 0 };
  const create = () => call(runner.createRunner.bind(runner), { ref, spec });
  const made = await create();
  assert.ok(made.created);
  assert.equal(made.runner?.phase, 2);
  assert.deepEqual(made.runner?.spec?.resources, { cpuMillis: 1000, memoryMib: 1024, storageMib: 1024 });
  assert.ok(!(await create()).created);
  assert.equal((await call(runner.getRunner.bind(runner), { ref })).runner?.agentVersion, "fake");
  assert.equal((await call(runner.destroyRunner.bind(runner), { ref, force: false })).runner?.phase, 5);
  const list = (includeEnded: boolean) =>
    call(runner.listRunners.bind(runner), { workspaceId: "", includeEnded });
  assert.equal((await list(false)).runners.length, 0);
  assert.equal((await list(true)).runners[0]?.tombstone?.endedBy, "local");
});

scenario(
  "runners are paused, watched and resumed, and their logs are read",
  async ({ runner, execution }) => {
    await call(runner.createRunner.bind(runner), { ref });
    const watch = (cursor: string, waitMs: number) =>
      call(runner.watchRunners.bind(runner), { workspaceId: "", includeEnded: false, cursor, waitMs });
    const { cursor, runners } = await watch("", 0);
    assert.deepEqual(runners.map(({ phase }) => phase), [2]);
    const changed = watch(cursor, 20_000);
    const { runner: paused } = await call(runner.pauseRunner.bind(runner), { ref, force: false });
    assert.equal(paused?.phase, 8);
    assert.ok(paused?.pausedAt instanceof Date);
    assert.notEqual((await changed).cursor, cursor);
    const { runner: ready, resumed } = await call(runner.resumeRunner.bind(runner), { ref });
    assert.deepEqual([ready?.phase, ready?.pausedAt, resumed], [2, undefined, true]);
    const { logs } = await call(runner.readRunnerLogs.bind(runner), { ref, component: "agent", maxLines: 5 });
    assert.deepEqual(logs.map(({ component }) => component), ["agent"]);
    await call(runner.pauseRunner.bind(runner), { ref, force: false });
    assert.equal((await call(execution.execute.bind(execution), execute(ref, "1"))).resumed, true);
  },
);

scenario(
  "an unexpected error gives the client the id of its line in the log, and nothing else",
  async ({ runner }, grad) => {
    grad.store.list = () => Promise.reject(new Error("private words"));
    const failed = call(runner.listRunners.bind(runner), { workspaceId: "", includeEnded: false });
    const error = await failed.then(() => assert.fail("no failure"), (thrown) => thrown);
    assert.equal(error.status, "INTERNAL");
    assert.equal(error.code, "internal");
    assert.ok(!error.message.includes("private"));
    const { id } = grad.log.find(({ event }) => event === "rpc.bug") ?? {};
    assert.match(error.message, new RegExp(`error ${id}$`));
  },
);

const CALLS = runnerCalls(ref, `${aRecord().id}-0123456789abcdef`);

for (const [method, ask] of Object.entries(CALLS)) {
  scenario(`${method} refuses the runner of another owner`, async (all, { store }) => {
    await store.create(aRecord({ owner: "somebody" }));
    await assert.rejects(ask(all), { status: "PERMISSION_DENIED", code: "permission_denied" });
  });
}

/** Calls that name no runner, for the test of their authentication only. */
const OTHER_CALLS: Record<string, (all: Clients) => Promise<unknown>> = {
  Handshake: ({ system }) => call(system.handshake.bind(system), { clientVersion: "9.9.9", api: 1 }),
  Diagnose: ({ system }) => call(system.diagnose.bind(system), {}),
  ListRunners: ({ runner }) => call(runner.listRunners.bind(runner), { workspaceId: "", includeEnded: true }),
  WatchRunners: ({ runner }) =>
    call(runner.watchRunners.bind(runner), { workspaceId: "", includeEnded: true, cursor: "", waitMs: 0 }),
};

for (const method of METHODS) {
  const ask = CALLS[method] ?? OTHER_CALLS[method]!;
  Deno.test({
    name: `${method} refuses a caller who is not authenticated, before anything is done`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const authenticate = () => Promise.reject(new GradError("unauthenticated", "Cannot tell who calls"));
      await using grad = await served({ authenticator: { by: "socket", authenticate } });
      using all = clients(grad.address);
      await assert.rejects(ask(all), { status: "UNAUTHENTICATED", code: "unauthenticated" });
      assert.deepEqual(await grad.store.list(), []);
    },
  });
}

for (const method of Object.keys(CALLS)) {
  if (["CreateRunner", "Execute", "CheckDataset", "BeginUpload"].includes(method)) continue;
  scenario(`${method} makes no runner`, async (all, { store }) => {
    await assert.rejects(CALLS[method]!(all), {
      status: "NOT_FOUND",
      code: /^(runner|execution)_not_found$/,
    });
    assert.deepEqual(await store.list(), []);
  });
}

scenario("CheckDataset makes the runner and says what the dataset contains", async (all) => {
  const { files, samplePaths } = await CALLS.CheckDataset!(all) as { files: bigint; samplePaths: string[] };
  assert.deepEqual([files, samplePaths], [1n, ["a"]]);
});

scenario("BeginUpload makes the runner: files may come before code", async (all, { store }) => {
  await CALLS.BeginUpload!(all).catch(() => {}); // the fake agent has no uploads
  assert.deepEqual((await store.list()).map(({ record }) => record.ref.name), [ref.name]);
});
