import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { aContext } from "../auth/testing/contexts.ts";
import type { Session } from "../agent/session.ts";
import type { RunnerBackend } from "./backend.ts";
import type { IdleLimits } from "./idle.ts";
import { machine, memoryBackend } from "./testing/memory_backend.ts";
import { memoryStore } from "./testing/memory_store.ts";
import { WORKSPACE } from "./testing/records.ts";
import { aService } from "./testing/service.ts";

const HOUR = 3_600_000;
const idle: IdleLimits = { pauseAfterMs: 12 * HOUR, destroyPausedAfterMs: 720 * HOUR };
const context = aContext();
const ref = { workspaceId: WORKSPACE, name: "rests" };

const SESSION: Session = {
  name: "default",
  runnerId: "",
  kernel: "python3",
  state: "idle",
  generation: 1,
  previousEnd: "",
  executions: 1,
  runningExecutionId: "",
  queued: 0,
};

/** A ready runner, and a clock that the test moves. */
async function setUp(change: (backend: RunnerBackend) => RunnerBackend = (backend) => backend) {
  const clock = fakeClock();
  const [on, store] = [machine(), memoryStore()];
  const service = aService({ store, backend: change(memoryBackend(on)), clock, idle });
  const { record } = await service.ensure(context, ref, undefined);
  const volume = on.volumes.get(record.id)!;
  const status = async () => (await store.get(record.id))!.record.status;
  const hangs = async () => {
    const { agent } = on.up.get(record.id)!;
    const code = {
      session: "default",
      kernel: "",
      paramsJson: "",
      codeName: "",
      columns: 0,
      deadlineMs: 0,
      waitMs: 0,
      maxBytes: 1,
    };
    const request = { ...code, idempotencyKey: "0123456789abcdef", code: "hang", datasetsVersion: "" };
    await agent.execute(request, context.signal);
  };
  return { clock, on, store, service, id: record.id, volume, status, hangs };
}

Deno.test("RunnerService.pause() ends the components and keeps the volume, and resume() gives it back", async () => {
  const { service, on, id, volume } = await setUp();
  for (let time = 0; time < 2; time++) {
    const paused = await service.pause(context, ref, { force: false });
    assert.deepEqual([paused.status.phase, paused.status.reason, on.up.size], ["paused", "none", 0]);
  }
  const resumed = await service.resume(context, ref);
  assert.deepEqual([resumed.record.status.phase, resumed.resumed], ["ready", true]);
  assert.equal(on.volumes.get(id), volume);
  assert.equal((await service.resume(context, ref)).resumed, false);
});

Deno.test("RunnerService.ensure() resumes a paused runner and says so, once", async () => {
  const { service } = await setUp();
  await service.pause(context, ref, { force: false });
  assert.equal((await service.ensure(context, ref, undefined)).resumed, true);
  assert.equal((await service.ensure(context, ref, undefined)).resumed, false);
});

Deno.test("RunnerService.pause() leaves a busy runner alone unless forced", async () => {
  const { service, hangs } = await setUp();
  await hangs();
  await assert.rejects(service.pause(context, ref, { force: false }), {
    code: "runner_busy",
    hint: /--force/,
  });
  assert.equal((await service.pause(context, ref, { force: true })).status.phase, "paused");
});

Deno.test("RunnerService.pause() names the sessions whose variables would be lost, and forced, those that are", async () => {
  const { service, volume } = await setUp();
  volume.sessions.push(
    { ...SESSION, name: "b" },
    { ...SESSION, name: "a", state: "busy" },
    { ...SESSION, name: "empty", state: "empty" },
    { ...SESSION, name: "unused", executions: 0 },
  );
  await assert.rejects(service.pause(context, ref, { force: false }), {
    code: "variables_at_risk",
    message: /"a", "b"$/,
  });
  const { status } = await service.pause(context, ref, { force: true });
  assert.deepEqual(status.lostSessions, ["a", "b"]);
  assert.match(status.message, /variables of these sessions are lost: "a", "b"/);
});

Deno.test("RunnerService.pause() of a runner whose agent does not answer needs force", async () => {
  const { service } = await setUp((base) => ({
    ...base,
    connect: async (record) => {
      const components = await base.connect(record);
      const listSessions = () => Promise.reject(new Error("no answer"));
      return { ...components, agent: { ...components.agent, listSessions } };
    },
  }));
  await assert.rejects(service.pause(context, ref, { force: false }), { code: "runner_unavailable" });
  assert.equal((await service.pause(context, ref, { force: true })).status.phase, "paused");
});

Deno.test("RunnerService.resume() makes no runner, and none of one that was destroyed", async () => {
  const { service, store } = await setUp();
  await assert.rejects(service.resume(context, { ...ref, name: "nothing" }), { code: "runner_not_found" });
  await service.destroy(context, ref, { force: true });
  await assert.rejects(service.resume(context, ref), { code: "runner_not_found" });
  assert.deepEqual((await store.list()).map(({ record }) => record.status.phase), ["destroyed"]);
});

Deno.test("Reconciler.sweep() pauses what is idle, names what is lost, and destroys it 30 days later", async () => {
  const { service, clock, volume, status, on } = await setUp();
  volume.sessions.push(SESSION);
  await clock.advance(12 * HOUR - 1);
  const { pauseAtMs } = await service.find.view(context, ref);
  assert.equal(pauseAtMs, clock.now() + 1);
  await service.reconciler.sweep();
  assert.equal((await status()).phase, "ready");
  await clock.advance(1);
  await service.reconciler.sweep();
  const paused = await status();
  assert.deepEqual([paused.phase, paused.reason, on.up.size], ["paused", "idle", 0]);
  assert.match(paused.message, /nothing was active in it; .*"default"/);
  assert.equal((await service.find.view(context, ref)).destroyAtMs, clock.now() + 720 * HOUR);

  await clock.advance(720 * HOUR - 1);
  await service.reconciler.sweep();
  assert.equal((await status()).phase, "paused");
  await clock.advance(1);
  await service.reconciler.sweep();
  const ended = await status();
  assert.deepEqual([ended.phase, ended.tombstone?.endedBy, on.volumes.size], ["destroyed", "grad", 0]);
});

Deno.test("Reconciler.sweep() records later activity, and pauses nothing in which code runs", async () => {
  const { service, clock, volume, status, hangs } = await setUp();
  await clock.advance(11 * HOUR);
  volume.activity = { lastActiveMs: BigInt(clock.now()), lastActivity: "files" };
  await service.reconciler.sweep();
  assert.deepEqual([(await status()).lastActiveAtMs, (await status()).lastActivity], [clock.now(), "files"]);
  await hangs();
  await clock.advance(100 * HOUR);
  await service.reconciler.sweep();
  assert.deepEqual([(await status()).phase, (await status()).lastActivity], ["ready", "execution"]);
});

Deno.test("Reconciler.sweep() leaves an idle runner alone whose agent does not answer", async () => {
  let answers = true;
  const { service, clock, status, store, id } = await setUp((base) => ({
    ...base,
    connect: (record) => answers ? base.connect(record) : Promise.reject(new Error("no answer")),
  }));
  answers = false;
  await clock.advance(24 * HOUR);
  await service.reconciler.sweep();
  assert.equal((await status()).phase, "ready");
  assert.equal((await store.get(id))!.record.generation, 1, "nothing was requested");
});

Deno.test("Reconciler takes an automatic pause back when something has become active meanwhile", async () => {
  const { service, clock, volume, store, id, status, on, hangs } = await setUp();
  await clock.advance(24 * HOUR);
  // An execution that reached the agent between the decision and the pause.
  const { record, version } = (await store.get(id))!;
  const requested = { desired: "paused", requestedBy: "grad", requestedAtMs: clock.now() } as const;
  await store.update(id, version, { spec: { ...record.spec, ...requested } });
  volume.activity = { lastActiveMs: BigInt(clock.now()), lastActivity: "execution" };
  await service.reconciler.reconcile(id);
  assert.deepEqual([(await status()).phase, (await status()).lastActiveAtMs], ["ready", clock.now()]);
  const after = (await store.get(id))!.record;
  assert.equal(after.spec.desired, "running");
  assert.equal(after.generation, after.status.observedGeneration);
  assert.equal(on.starts, 1, "its components were not ended");
  await hangs(); // code is accepted again
});

Deno.test("Reconciler takes an automatic pause back when the agent does not say that it holds code", async () => {
  const { service, clock, status, hangs } = await setUp((base) => ({
    ...base,
    connect: async (record) => {
      const components = await base.connect(record);
      const holdCode = () => Promise.reject(new Error("no answer"));
      return { ...components, agent: { ...components.agent, holdCode } };
    },
  }));
  await clock.advance(24 * HOUR);
  await service.reconciler.sweep();
  assert.equal((await status()).phase, "ready");
  await assert.rejects(service.pause(context, ref, { force: false }), { code: "runner_unavailable" });
  await hangs();
});

Deno.test("Reconciler pauses an idle runner whose agent is of a version that cannot hold code", async () => {
  const { service, clock, status } = await setUp((base) => ({
    ...base,
    connect: async (record) => {
      const components = await base.connect(record);
      const holdCode = () => Promise.reject(new GradError("version_mismatch", "UNIMPLEMENTED"));
      return { ...components, agent: { ...components.agent, holdCode } };
    },
  }));
  await clock.advance(24 * HOUR);
  await service.reconciler.sweep();
  assert.equal((await status()).phase, "paused");
});

Deno.test("RunnerService.pause() that fails later accepts code again", async () => {
  const { service, hangs, store, id } = await setUp();
  const update = store.update;
  store.update = () => Promise.reject(new GradError("grad_unavailable", "no store"));
  await assert.rejects(service.pause(context, ref, { force: false }), { code: "grad_unavailable" });
  store.update = update;
  assert.equal((await store.get(id))!.record.status.phase, "ready");
  await hangs();
});

Deno.test("Reconciler starts lost components again at once, later after each loss, and then only when asked", async () => {
  const { service, clock, on, id, status } = await setUp((base) => ({ ...base, recreatesLost: true }));
  const lose = async () => {
    on.up.delete(id);
    await service.reconciler.sweep();
    return (await status()).phase;
  };
  assert.equal(await lose(), "ready");
  for (const afterMs of [60_000, 300_000, 900_000]) {
    assert.equal(await lose(), "lost");
    await clock.advance(afterMs - 1);
    await service.reconciler.sweep();
    assert.equal((await status()).phase, "lost");
    await clock.advance(1);
    await service.reconciler.sweep();
    assert.equal((await status()).phase, "ready");
  }
  assert.equal(await lose(), "lost");
  await clock.advance(HOUR);
  await service.reconciler.sweep();
  assert.equal((await status()).phase, "lost");
  assert.equal((await service.ensure(context, ref, undefined)).record.status.phase, "ready");
  // A request, and components that lasted, count from the beginning again.
  assert.equal(await lose(), "ready");
  await clock.advance(600_000);
  assert.equal(await lose(), "ready");
});

Deno.test("RunnerService.watch() answers at once without a cursor, and else when a runner changes", async () => {
  const { service, clock } = await setUp();
  const which = { workspaceId: "", includeEnded: false };
  const first = await service.watch(context, { ...which, cursor: "", waitMs: 0 });
  assert.deepEqual(first.views.map(({ phase }) => phase), ["ready"]);
  const watching = service.watch(context, { ...which, cursor: first.cursor, waitMs: 30_000 });
  await service.pause(context, ref, { force: false });
  let next = await watching;
  assert.notEqual(next.cursor, first.cursor);
  // Another instance understands the cursor, too; stages in between are changes of their own.
  while (next.views[0]?.phase !== "paused") {
    next = await service.watch(context, { ...which, cursor: next.cursor, waitMs: 30_000 });
  }
  const nothing = service.watch(context, { ...which, cursor: next.cursor, waitMs: 3_000 });
  await clock.advance(3_000);
  assert.deepEqual((await nothing).cursor, next.cursor);
});

Deno.test("RunnerService.logs() answers with every component's log, or with one", async () => {
  const { service } = await setUp();
  const read = async (component: string) =>
    (await service.logs(context, ref, { component, maxLines: 0 })).map((log) => log.component);
  assert.deepEqual(await read(""), ["agent", "kernel"]);
  assert.deepEqual(await read("agent"), ["agent"]);
  await assert.rejects(read("../x"), { code: "invalid_argument", hint: /agent, kernel/ });
});
