import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { aContext } from "../auth/testing/contexts.ts";
import type { RunnerBackend } from "./backend.ts";
import { machine, memoryBackend } from "./testing/memory_backend.ts";
import { memoryStore } from "./testing/memory_store.ts";
import { aRecord, WORKSPACE } from "./testing/records.ts";
import { aService } from "./testing/service.ts";

const context = aContext();
const ref = (name: string) => ({ workspaceId: WORKSPACE, name });

function setUp(change: (backend: RunnerBackend) => RunnerBackend = (backend) => backend) {
  const [on, store] = [machine(), memoryStore()];
  const backend = change(memoryBackend(on));
  return { on, store, backend, service: aService({ store, backend }) };
}

const CODE = {
  session: "default",
  kernel: "",
  paramsJson: "",
  codeName: "",
  columns: 0,
  deadlineMs: 0,
  waitMs: 0,
  maxBytes: 1,
  datasetsVersion: "",
};

Deno.test("RunnerService.destroy() leaves a busy runner alone unless forced", async () => {
  const { service } = setUp();
  const { components } = await service.ensure(context, ref("busy"), undefined);
  await components.agent.execute(
    { ...CODE, idempotencyKey: "0123456789abcdef", code: "hang" },
    context.signal,
  );
  const destroy = (force: boolean) => service.destroy(context, ref("busy"), { force });
  await assert.rejects(destroy(false), { code: "runner_busy", hint: /--force/ });
  assert.equal((await destroy(true)).status.phase, "destroyed");
});

Deno.test("RunnerService.destroy() ends a runner whose start hangs", async () => {
  const hanging = Promise.withResolvers<void>();
  const { service, store } = setUp((base) => ({
    ...base,
    async connect(record) {
      const components = await base.connect(record);
      const getInfo = (_: number, signal: AbortSignal) => {
        hanging.resolve();
        return new Promise<never>((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason))
        );
      };
      return { ...components, agent: { ...components.agent, getInfo } };
    },
  }));
  const starting = service.ensure(context, ref("hung"), undefined);
  starting.catch(() => {});
  await hanging.promise;
  const ended = await service.destroy(context, ref("hung"), { force: true });
  assert.equal(ended.status.phase, "destroyed");
  await assert.rejects(starting, { code: "runner_unavailable", message: /being destroyed/ });
  assert.deepEqual((await store.get(ended.id))?.record, ended);
});

Deno.test("RunnerService.ensure() starts components that have no address any more, although the record says that they run", async () => {
  const { service, on } = setUp((base) => ({
    ...base,
    connect(record) {
      if (on.up.has(record.id)) return base.connect(record);
      return Promise.reject(
        new GradError("runner_unavailable", "Cannot reach the runner: its pod has no address"),
      );
    },
  }));
  const { record } = await service.ensure(context, ref("gone"), undefined);
  on.up.delete(record.id);
  await service.ensure(context, ref("gone"), undefined);
  assert.ok(on.up.has(record.id));
});

Deno.test("RunnerService.ensure() goes on when its caller leaves", async () => {
  const released = Promise.withResolvers<void>();
  const { service, on } = setUp((base) => ({
    ...base,
    apply: (record, signal) => released.promise.then(() => base.apply(record, signal)),
  }));
  const leaving = new AbortController();
  const left = service.ensure(aContext({ signal: leaving.signal }), ref("kept"), undefined);
  leaving.abort(new Error("the client left"));
  await assert.rejects(left, /the client left/);
  released.resolve();
  assert.equal((await service.ensure(context, ref("kept"), undefined)).created, false);
  assert.equal(on.starts, 1);
});

Deno.test("RunnerService.ensure() records the stage of a start, and why it failed, and tries again when asked", async () => {
  let refuse = true;
  const seen: string[] = [];
  const { service, on } = setUp((base) => ({
    ...base,
    async apply(record, signal) {
      const { phase, stage } = await service.find.view(context, ref("slow"));
      seen.push(`${phase} ${stage}`);
      await base.apply(record, signal);
      if (refuse) throw new Error("no such program");
    },
  }));
  const ensure = () => service.ensure(context, ref("slow"), undefined);
  await assert.rejects(ensure(), { code: "runner_failed", message: /no such program/ });
  const view = await service.find.view(context, ref("slow"));
  assert.equal(view.phase, "failed");
  assert.equal(view.reason, "start_failed");
  assert.match(view.message, /no such program/);
  assert.equal(on.up.size, 0, "what a failed start has started is stopped");
  await service.reconciler.sweep();
  assert.equal(seen.length, 1, "nobody asked again");
  refuse = false;
  assert.equal((await ensure()).record.status.phase, "ready");
  assert.deepEqual(seen, ["creating starting_components", "creating starting_components"]);
});

Deno.test("RunnerService.ensure() gives the callers of two instances the failure of one start", async () => {
  const released = Promise.withResolvers<void>();
  const [on, store] = [machine(), memoryStore()];
  let starts = 0;
  const instance = (name: string) => {
    const base = memoryBackend(on);
    const apply = () => (starts++, released.promise.then(() => Promise.reject(new Error("no such program"))));
    return aService({ store, backend: { ...base, apply }, instance: name });
  };
  const calls = ["a", "b"].map((name) => instance(name).ensure(context, ref("two"), undefined));
  for (const call of calls) call.catch(() => {});
  released.resolve();
  for (const call of calls) {
    await assert.rejects(call, { code: "runner_failed", message: /no such program/ });
  }
  assert.equal(starts, 1);
});

Deno.test("RunnerService.ensure() takes over from an instance that died, once its claim has run out", async () => {
  const { service, store, on } = setUp();
  const dead = { holder: "dead", attempt: "x", untilMs: Date.now() + 150 };
  const record = aRecord({ status: { phase: "creating", observedGeneration: 0 }, claim: dead });
  await store.create(record);
  const { status } = (await service.ensure(context, record.ref, undefined)).record;
  assert.equal(status.phase, "ready");
  assert.ok(Date.now() >= dead.untilMs, "not before it has run out");
  assert.equal(on.starts, 1);
});

Deno.test("RunnerService shows and changes nothing of another owner's runner", async () => {
  const { service, store } = setUp();
  await store.create(aRecord({ owner: "somebody" }));
  const denied = { code: "permission_denied" };
  await assert.rejects(service.ensure(context, ref("runner-1"), undefined), denied);
  await assert.rejects(service.find.existing(context, ref("runner-1")), denied);
  await assert.rejects(service.find.view(context, ref("runner-1")), denied);
  await assert.rejects(service.destroy(context, ref("runner-1"), { force: true }), denied);
  await assert.rejects(service.find.ofExecution(context, `${aRecord().id}-0123456789abcdef`), denied);
  assert.deepEqual(await service.find.list(context, { workspaceId: "", includeEnded: true }), []);
});

Deno.test("RunnerFinder.list() sorts by name and keeps to one workspace when asked", async () => {
  const { service, store } = setUp();
  for (const name of ["b", "a"]) await store.create(aRecord({ name }));
  const list = async (workspaceId: string) =>
    (await service.find.list(context, { workspaceId, includeEnded: false })).map(({ record }) =>
      record.ref.name
    );
  assert.deepEqual(await list(""), ["a", "b"]);
  assert.deepEqual(await list(WORKSPACE), ["a", "b"]);
  assert.deepEqual(await list("ws-zzzzzzzzzzzzzzzz"), []);
});
