import assert from "node:assert/strict";
import { systemClock } from "../../shared/clock.ts";
import { silentLogger } from "../../shared/log.ts";
import { RunnerManager } from "./manager.ts";
import { aContext } from "../auth/testing/contexts.ts";
import type { RunnerBackend } from "./backend.ts";
import { machine, memoryBackend } from "./testing/memory_backend.ts";
import { memoryRecords } from "./testing/memory_records.ts";
import { aRecord, WORKSPACE } from "./testing/records.ts";

const context = aContext();
const ref = (name: string) => ({ workspaceId: WORKSPACE, name });
const environments = new Map([["default", { cpuMillis: 1000, memoryMib: 1024, storageMib: 1024 }]]);

function setUp(change: (backend: RunnerBackend) => RunnerBackend = (backend) => backend) {
  const on = machine();
  const records = memoryRecords();
  const backend = change(memoryBackend(on));
  return {
    on,
    records,
    manager: new RunnerManager({ records, backend, environments, clock: systemClock, log: silentLogger }),
  };
}

const CODE = { session: "default", kernel: "", paramsJson: "", deadlineMs: 0, waitMs: 0, maxBytes: 1 };

Deno.test("RunnerManager.destroy() leaves a busy runner alone unless forced", async () => {
  const { manager } = setUp();
  const { components } = await manager.ensure(context, ref("busy"), undefined);
  await components.agent.execute(
    { ...CODE, idempotencyKey: "0123456789abcdef", code: "hang", datasetsVersion: "" },
    context.signal,
  );
  const destroy = (force: boolean) => manager.destroy(context, ref("busy"), { force });
  await assert.rejects(destroy(false), { code: "runner_busy", hint: /--force/ });
  assert.equal((await destroy(true)).phase, "destroyed");
});

Deno.test("RunnerManager.destroy() ends a runner whose start hangs", async () => {
  const hanging = Promise.withResolvers<void>();
  const { manager, records } = setUp((base) => ({
    ...base,
    inspect: () => Promise.resolve([]),
    components(id) {
      const components = base.components(id);
      const getInfo = (_: number, signal: AbortSignal) => {
        hanging.resolve();
        return new Promise<never>((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason))
        );
      };
      return { ...components, agent: { ...components.agent, getInfo } };
    },
  }));
  const starting = manager.ensure(context, ref("hung"), undefined);
  starting.catch(() => {});
  await hanging.promise;
  const ended = await manager.destroy(context, ref("hung"), { force: true });
  assert.equal(ended.phase, "destroyed");
  await assert.rejects(starting, { code: "runner_unavailable", message: /being destroyed/ });
  assert.equal((await records.read(ended.id))?.phase, "destroyed");
});

Deno.test("RunnerManager.ensure() goes on when its caller leaves", async () => {
  const released = Promise.withResolvers<void>();
  const { manager, on } = setUp((base) => ({
    ...base,
    start: (record) => released.promise.then(() => base.start(record)),
  }));
  const leaving = new AbortController();
  const left = manager.ensure(aContext({ signal: leaving.signal }), ref("kept"), undefined);
  leaving.abort(new Error("the client left"));
  await assert.rejects(left, /the client left/);
  released.resolve();
  assert.equal((await manager.ensure(context, ref("kept"), undefined)).created, false);
  assert.equal(on.starts, 1);
});

Deno.test("RunnerManager.ensure() tells its steps in the record, and records why it failed", async () => {
  let refuse = true;
  const seen: string[] = [];
  const { manager, records } = setUp((base) => ({
    ...base,
    async start(record) {
      seen.push((await records.read(record.id))!.phaseMessage);
      if (refuse) throw new Error("no such program");
      return await base.start(record);
    },
  }));
  const ensure = () => manager.ensure(context, ref("slow"), undefined);
  await assert.rejects(ensure(), { code: "runner_failed", message: /no such program/ });
  assert.equal((await manager.find.view(context, ref("slow"))).phase, "failed");
  assert.match((await manager.find.view(context, ref("slow"))).message, /no such program/);
  refuse = false;
  assert.equal((await ensure()).record.phase, "ready");
  assert.deepEqual(seen, ["starting components", "starting components"]);
});

Deno.test("RunnerManager tells nothing of another owner's runner", async () => {
  const { manager, records } = setUp();
  await records.create(aRecord({ owner: "somebody" }));
  const denied = { code: "permission_denied" };
  await assert.rejects(manager.ensure(context, ref("runner-1"), undefined), denied);
  await assert.rejects(manager.find.existing(context, ref("runner-1")), denied);
  await assert.rejects(manager.find.view(context, ref("runner-1")), denied);
  await assert.rejects(manager.destroy(context, ref("runner-1"), { force: true }), denied);
  await assert.rejects(manager.find.ofExecution(context, `${aRecord().id}-0123456789abcdef`), denied);
  assert.deepEqual(await manager.find.list(context, { workspaceId: "", includeEnded: true }), []);
});

Deno.test("RunnerManager.list() sorts by name and keeps to one workspace when asked", async () => {
  const { manager, records } = setUp();
  for (const name of ["b", "a"]) await records.create(aRecord({ name }));
  const list = async (workspaceId: string) =>
    (await manager.find.list(context, { workspaceId, includeEnded: false })).map(({ record }) =>
      record.ref.name
    );
  assert.deepEqual(await list(""), ["a", "b"]);
  assert.deepEqual(await list(WORKSPACE), ["a", "b"]);
  assert.deepEqual(await list("ws-zzzzzzzzzzzzzzzz"), []);
});

Deno.test("RunnerManager.recover() forgets a tombstone after seven days", async () => {
  const { manager, records } = setUp();
  const tombstone = { endedAtMs: 0, endedBy: "local", reason: "destroyed", message: "" } as const;
  await records.create(aRecord({ phase: "destroyed", tombstone }));
  await manager.recover();
  assert.deepEqual(await records.list(), []);
});
