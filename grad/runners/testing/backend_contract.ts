import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { GradError } from "../../../shared/errors.ts";
import { aContext } from "../../auth/testing/contexts.ts";
import type { RunnerBackend } from "../backend.ts";
import { runnerId } from "../names.ts";
import type { RunnerRecord, RunnerRef } from "../runner.ts";
import type { RunnerService } from "../service.ts";
import type { RunnerStore } from "../store.ts";
import { waitUntilReady } from "../wait_until_ready.ts";
import { aRecord, WORKSPACE } from "./records.ts";
import { aService } from "./service.ts";

/** What one instance of grad has of the machine under test. */
export type Instance = Readonly<{ store: RunnerStore; backend: RunnerBackend }>;

/** One machine under test. `grad()` is a new instance of grad on it; `crash` ends a runner's components by force. */
export interface World extends AsyncDisposable {
  grad(): Instance;
  crash(id: string): Promise<void>;
}

const SPEC = {
  environment: "",
  resources: { cpuMillis: 0, memoryMib: 512, storageMib: 0 },
  network: "none",
} as const;
const CODE = {
  session: "default",
  kernel: "",
  paramsJson: "",
  codeName: "",
  columns: 0,
  deadlineMs: 0,
  waitMs: 20_000,
  maxBytes: 1 << 20,
  datasetsVersion: "",
};

type Scenario = (does: string, body: (world: World) => Promise<void>) => void;

/** What every backend does: of the port itself, and of the service over it. Each backend calls this once. */
export function backendContract(name: string, makeWorld: () => Promise<World>): void {
  const scenario: Scenario = (does, body) =>
    Deno.test({
      name: `${name} backend ${does}`,
      // Channels and timers of gRPC outlive a test.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        await using world = await makeWorld();
        await body(world);
      },
    });
  portContract(scenario);
  holdContract(scenario);
  serviceContract(scenario);
}

const signal = new AbortController().signal;

function recordOf(name: string): RunnerRecord {
  const resources = { cpuMillis: 1000, memoryMib: 512, storageMib: 1024 };
  return aRecord({ name, status: { phase: "creating" }, spec: { resources } });
}

async function ready(backend: RunnerBackend, record: RunnerRecord) {
  const report = () => Promise.resolve();
  return await waitUntilReady(backend, record, { clock: systemClock, signal, report });
}

async function execute(backend: RunnerBackend, record: RunnerRecord, key: string) {
  const { agent } = await backend.connect(record);
  return await agent.execute({ ...CODE, idempotencyKey: key.padEnd(16, "0"), code: "1+1" }, signal);
}

function portContract(scenario: Scenario): void {
  scenario("applies a record twice with one set of components, and observes them", async (world) => {
    const { backend } = world.grad();
    const record = recordOf("twice");
    assert.equal((await backend.observe(record.id)).state, "absent");
    await backend.apply(record, signal);
    const { runnerId } = await ready(backend, record);
    assert.equal(runnerId, record.id);
    const { execution } = await execute(backend, record, "before");
    await backend.apply(record, signal);
    const observed = await backend.observe(record.id);
    assert.deepEqual([observed.state, observed.reason, observed.message], ["running", "none", ""]);
    const { agent } = await backend.connect(record);
    assert.equal((await agent.getExecution(execution.id, signal)).id, execution.id);
  });

  scenario("starts one set of components for two instances that apply at once", async (world) => {
    const [one, other] = [world.grad().backend, world.grad().backend];
    const record = recordOf("both");
    await Promise.all([one, other].map((backend) => backend.apply(record, signal)));
    await ready(one, record);
    const { execution } = await execute(one, record, "both");
    const { agent } = await other.connect(record);
    assert.equal((await agent.getExecution(execution.id, signal)).id, execution.id);
    await other.stop(record.id);
    assert.equal((await one.observe(record.id)).state, "absent");
  });

  scenario("stops and deletes what is absent, and what is there, and both twice", async (world) => {
    const { backend } = world.grad();
    const record = recordOf("ends");
    await backend.stop(record.id);
    await backend.deleteVolume(record.id);
    await backend.apply(record, signal);
    for (let time = 0; time < 2; time++) {
      await backend.stop(record.id);
      assert.equal((await backend.observe(record.id)).state, "absent");
    }
    for (let time = 0; time < 2; time++) await backend.deleteVolume(record.id);
  });

  scenario("keeps the volume when it stops, and deletes it when it is told to", async (world) => {
    const { backend } = world.grad();
    const record = recordOf("volume");
    await backend.apply(record, signal);
    await ready(backend, record);
    const { execution } = await execute(backend, record, "kept");
    const find = async () => (await backend.connect(record)).agent.getExecution(execution.id, signal);
    await backend.stop(record.id);
    await assert.rejects(find(), { code: "runner_unavailable" });
    await backend.apply(record, signal);
    await ready(backend, record);
    assert.equal((await find()).id, execution.id);
    await backend.stop(record.id);
    await backend.deleteVolume(record.id);
    await backend.apply(record, signal);
    await ready(backend, record);
    await assert.rejects(find(), { code: "execution_not_found" });
  });

  scenario("gives up an apply that is cancelled, and a stop leaves nothing of it", async (world) => {
    const { backend } = world.grad();
    const record = recordOf("cancelled");
    const why = new GradError("cancelled", "Cannot go on: cancelled");
    await assert.rejects(backend.apply(record, AbortSignal.abort(why)), why);
    // In the middle of the work, at some moment; a later one than the end of it is no failure.
    for (const afterMs of [1, 20, 60]) {
      const cancel = new AbortController();
      const applying = backend.apply(record, cancel.signal);
      const timer = setTimeout(() => cancel.abort(why), afterMs);
      await applying.catch((thrown) => assert.equal(thrown, why));
      clearTimeout(timer);
      await backend.stop(record.id);
      assert.equal((await backend.observe(record.id)).state, "absent");
    }
    await backend.apply(record, signal);
    assert.ok((await ready(backend, record)).ready);
  });
}

function holdContract(scenario: Scenario): void {
  const context = aContext();

  scenario(
    "refuses code while somebody holds it, and components that are started anew have no hold",
    async (world) => {
      const { backend } = world.grad();
      const record = recordOf("held");
      await backend.apply(record, signal);
      await ready(backend, record);
      const { execution } = await execute(backend, record, "before");
      const hold = async (holder: string, holdMs: number) =>
        await (await backend.connect(record)).agent.holdCode({ holder, holdMs }, signal);
      await hold("one", 60_000);
      await hold("other", 60_000);
      await hold("other", 0);
      await assert.rejects(execute(backend, record, "meanwhile"), { code: "runner_unavailable" });
      assert.equal((await execute(backend, record, "before")).execution.id, execution.id);
      await hold("one", 0);
      await execute(backend, record, "meanwhile");
      await hold("one", 60_000);
      await backend.stop(record.id);
      await backend.apply(record, signal);
      await ready(backend, record);
      await execute(backend, record, "after");
    },
  );

  scenario("loses no code that comes between the last question of a pause and the end", async (world) => {
    const { store, backend } = world.grad();
    const record = recordOf("drained");
    const refused: string[] = [];
    const stop = async (id: string) => {
      // As a call of another instance does that has read the record before the pause began.
      await execute(backend, record, "late").catch((thrown) => refused.push(thrown.code));
      await backend.stop(id);
    };
    const service = aService({ store, backend: { ...backend, stop } });
    await service.ensure(context, record.ref, SPEC);
    const paused = await service.pause(context, record.ref, { force: false });
    assert.equal(paused.status.phase, "paused");
    assert.deepEqual(refused, ["runner_unavailable"]);
    // The same call again resumes the runner.
    const { components, resumed } = await service.ensure(context, record.ref, SPEC, { verify: true });
    assert.ok(resumed);
    const late = await components.agent.execute({
      ...CODE,
      idempotencyKey: "late".padEnd(16, "0"),
      code: "1+1",
    }, signal);
    assert.ok(late.done);
  });

  scenario("accepts code again at once when a pause is refused", async (world) => {
    const service = aService(world.grad());
    const record = recordOf("refused");
    const { components: { agent } } = await service.ensure(context, record.ref, SPEC);
    const hangs = "import time\ntime.sleep(3600) # hang";
    await agent.execute({ ...CODE, waitMs: 0, idempotencyKey: "hangs".padEnd(16, "0"), code: hangs }, signal);
    await assert.rejects(service.pause(context, record.ref, { force: false }), { code: "runner_busy" });
    const other = { ...CODE, session: "other", idempotencyKey: "other".padEnd(16, "0"), code: "1+1" };
    assert.ok((await agent.execute(other, signal)).done);
    await service.destroy(context, record.ref, { force: true });
  });
}

function serviceContract(scenario: Scenario): void {
  const context = aContext();
  const ref = (name: string): RunnerRef => ({ workspaceId: WORKSPACE, name });
  const idOf = (name: string) => runnerId("local", ref(name));
  const serviceOf = (world: World) => aService(world.grad());
  const run = async (service: RunnerService, name: string, key: string) => {
    const { components } = await service.ensure(context, ref(name), SPEC, { verify: true });
    return await components.agent.execute(
      { ...CODE, idempotencyKey: key.padEnd(16, "0"), code: "1+1" },
      signal,
    );
  };

  scenario("makes a runner once, however many ask, and runs code in it", async (world) => {
    const services = [serviceOf(world), serviceOf(world)];
    const made = await Promise.all([0, 1, 0].map((at) => services[at]!.create(context, ref("one"), SPEC)));
    assert.equal(made.filter(({ created }) => created).length, 1);
    const [service] = services;
    const view = await service!.find.view(context, ref("one"));
    assert.deepEqual([view.phase, view.stage, view.reason, view.message], ["ready", "none", "none", ""]);
    const { execution, events } = await run(service!, "one", "first");
    assert.match(execution.id, /^r[a-z2-7]{12}-[0-9a-f]{16}$/);
    assert.equal(events[0]?.kind?.$case, "queued");
    assert.equal(events[0]?.seq, 1n);
    await assert.rejects(
      service!.create(context, ref("one"), { ...SPEC, network: "full" }),
      { code: "runner_exists" },
    );
  });

  scenario("keeps runner, components and executions when grad is another", async (world) => {
    const { execution } = await run(serviceOf(world), "kept", "before");
    const later = serviceOf(world);
    const view = await later.find.view(context, ref("kept"));
    assert.equal(view.phase, "ready");
    assert.ok(view.info !== undefined);
    const again = await run(later, "kept", "before");
    assert.equal(again.execution.id, execution.id);
    const record = await later.find.ofExecution(context, execution.id);
    const found = await later.reach(context, record, ({ agent }) => agent.getExecution(execution.id, signal));
    assert.equal(found.id, execution.id);
  });

  scenario(
    "shows a runner whose components ended as lost, and starts them over the same files",
    async (world) => {
      const service = serviceOf(world);
      const { execution } = await run(service, "lost", "before");
      await world.crash(idOf("lost"));
      const view = await service.find.view(context, ref("lost"));
      assert.deepEqual([view.phase, view.reason], ["lost", "components_ended"]);
      const record = await service.find.existing(context, ref("lost"));
      const find = () =>
        service.reach(context, record, ({ agent }) => agent.getExecution(execution.id, signal));
      await assert.rejects(find(), { code: "runner_unavailable" });
      assert.equal((await run(service, "lost", "after")).execution.id.slice(0, 13), idOf("lost"));
      assert.equal((await service.find.view(context, ref("lost"))).phase, "ready");
      assert.equal((await find()).id, execution.id);
    },
  );

  scenario("pauses and resumes over the same files, for two instances at once", async (world) => {
    const [one, other] = [serviceOf(world), serviceOf(world)];
    const { execution } = await run(one, "rests", "before");
    const pause = (service: RunnerService, force: boolean) => service.pause(context, ref("rests"), { force });
    // The session of the execution has a kernel, except in memory.
    const refused = await pause(other, false).then(() => "", (thrown) => thrown.code);
    assert.ok(["", "variables_at_risk"].includes(refused), refused);
    await Promise.all([pause(one, true), pause(other, true)]);
    const view = await one.find.view(context, ref("rests"));
    assert.deepEqual([view.phase, view.stage, view.record.spec.desired], ["paused", "none", "paused"]);
    assert.equal((await world.grad().backend.observe(idOf("rests"))).state, "absent");
    const resumed = await Promise.all([one, other].map((service) => service.resume(context, ref("rests"))));
    assert.deepEqual(resumed.map(({ record }) => record.status.phase), ["ready", "ready"]);
    const found = await other.ask(context, ref("rests"), (agent) => agent.getExecution(execution.id, signal));
    assert.equal(found.id, execution.id);
    // What is paused can be destroyed, too.
    await pause(one, true);
    const ended = await one.destroy(context, ref("rests"), { force: false });
    assert.equal(ended.status.phase, "destroyed");
  });

  scenario("reads the log of each component, whose names the backend has", async (world) => {
    const service = serviceOf(world);
    await run(service, "logs", "before");
    const logs = await service.logs(context, ref("logs"), { component: "", maxLines: 5 });
    const { components } = world.grad().backend;
    assert.ok(logs.some(({ component, text }) => component === "agent" && text !== ""));
    for (const { component, text } of logs) {
      assert.ok(components.includes(component), component);
      assert.ok(text.split("\n").length <= 6, text);
    }
  });

  scenario(
    "destroys in every state, twice too, leaves a tombstone, and makes the name anew",
    async (world) => {
      const service = serviceOf(world);
      const { execution } = await run(service, "gone", "before");
      const destroy = () => service.destroy(context, ref("gone"), { force: true });
      const ended = await destroy();
      assert.equal(ended.status.phase, "destroyed");
      assert.equal(ended.status.tombstone?.endedBy, "local");
      assert.deepEqual(await destroy(), ended);
      await assert.rejects(service.find.existing(context, ref("gone")), { code: "runner_not_found" });
      await assert.rejects(service.find.ofExecution(context, execution.id), { code: "execution_not_found" });
      const list = async (includeEnded: boolean) =>
        (await service.find.list(context, { workspaceId: "", includeEnded })).length;
      assert.deepEqual([await list(false), await list(true)], [0, 1]);

      const { components, created } = await service.ensure(context, ref("gone"), SPEC);
      assert.ok(created);
      const lookUp = components.agent.getExecution(execution.id, signal);
      await assert.rejects(lookUp, { code: "execution_not_found" });
      await world.crash(idOf("gone"));
      assert.equal((await destroy()).status.phase, "destroyed");
    },
  );

  scenario("finishes in a new grad what an old one began to destroy", async (world) => {
    await run(serviceOf(world), "half", "before");
    const { store, backend } = world.grad();
    const { record, version } = (await store.get(idOf("half")))!;
    const asked =
      (await store.update(record.id, version, { spec: { ...record.spec, desired: "destroyed" } }))!;
    const status = { ...record.status, phase: "destroying" } as const;
    assert.ok(await store.update(record.id, asked.version, { status }));
    await serviceOf(world).reconciler.sweep();
    assert.equal((await store.get(record.id))?.record.status.phase, "destroyed");
    assert.equal((await backend.observe(record.id)).state, "absent");
  });
}
