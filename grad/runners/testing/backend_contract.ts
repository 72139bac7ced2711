import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { silentLogger } from "../../../shared/log.ts";
import { aContext } from "../../auth/testing/contexts.ts";
import type { RunnerBackend, RunnerRecords } from "../backend.ts";
import { RunnerManager } from "../manager.ts";
import type { RunnerRef } from "../runner.ts";

/** One machine under test. `grad()` is what a new grad process sees of it; `crash` ends a runner's components by force. */
export interface World extends AsyncDisposable {
  grad(): { records: RunnerRecords; backend: RunnerBackend };
  crash(id: string): Promise<void>;
}

const OWNER = "local";
const SPEC = {
  environment: "",
  resources: { cpuMillis: 0, memoryMib: 512, storageMib: 0 },
  network: "none",
} as const;
const ENVIRONMENTS = new Map([["default", { cpuMillis: 1000, memoryMib: 1024, storageMib: 1024 }]]);

/** What every backend does, told by what the manager does over it. Each backend calls this once. */
export function backendContract(name: string, makeWorld: () => Promise<World>): void {
  const context = aContext({ owner: OWNER });
  const { signal } = context;
  const ref = (runner: string): RunnerRef => ({ workspaceId: "ws-contract00000000", name: runner });
  const scenario = (does: string, body: (world: World) => Promise<void>) =>
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
  const managerOf = (world: World) =>
    new RunnerManager({ ...world.grad(), environments: ENVIRONMENTS, clock: systemClock, log: silentLogger });
  const run = async (manager: RunnerManager, runner: string, key: string, code = "1+1") => {
    const { components } = await manager.ensure(context, ref(runner), SPEC);
    const request = {
      session: "default",
      kernel: "",
      paramsJson: "",
      deadlineMs: 0,
      waitMs: 20_000,
      maxBytes: 1 << 20,
      datasetsVersion: "",
    };
    return await components.agent.execute({ ...request, idempotencyKey: key.padEnd(16, "0"), code }, signal);
  };

  scenario("makes a runner once, however many ask, and runs code in it", async (world) => {
    const manager = managerOf(world);
    const made = await Promise.all([1, 2, 3].map(() => manager.create(context, ref("one"), SPEC)));
    assert.equal(made.filter(({ created }) => created).length, 1);
    assert.equal((await manager.find.view(context, ref("one"))).phase, "ready");
    const { execution, events } = await run(manager, "one", "first");
    assert.match(execution.id, /^r[a-z2-7]{12}-[0-9a-f]{16}$/);
    assert.equal(events[0]?.kind?.$case, "queued");
    assert.equal(events[0]?.seq, 1n);
    await assert.rejects(
      manager.create(context, ref("one"), { ...SPEC, network: "full" }),
      { code: "runner_exists" },
    );
  });

  scenario("keeps runner, components and executions when grad is another", async (world) => {
    const { execution } = await run(managerOf(world), "kept", "before");
    const later = managerOf(world);
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
    "shows a runner whose components ended as lost, and makes them again over the same files",
    async (world) => {
      const manager = managerOf(world);
      const { execution } = await run(manager, "lost", "before");
      const id = execution.id.slice(0, 13);
      await world.crash(id);
      assert.equal((await manager.find.view(context, ref("lost"))).phase, "lost");
      const record = await manager.find.existing(context, ref("lost"));
      await assert.rejects(
        manager.reach(context, record, ({ agent }) => agent.getExecution(execution.id, signal)),
        {
          code: "runner_unavailable",
        },
      );
      manager.invalidate(id);
      assert.equal((await run(manager, "lost", "after")).execution.id.slice(0, 13), id);
      assert.equal((await manager.find.view(context, ref("lost"))).phase, "ready");
      const { components } = await manager.ensure(context, ref("lost"), SPEC);
      assert.equal((await components.agent.getExecution(execution.id, signal)).id, execution.id);
    },
  );

  scenario(
    "destroys in every state, twice too, leaves a tombstone, and makes the name anew",
    async (world) => {
      const manager = managerOf(world);
      const { execution } = await run(manager, "gone", "before");
      const destroy = () => manager.destroy(context, ref("gone"), { force: true });
      const ended = await destroy();
      assert.equal(ended.phase, "destroyed");
      assert.equal(ended.tombstone?.endedBy, OWNER);
      assert.deepEqual(await destroy(), ended);
      await assert.rejects(manager.find.existing(context, ref("gone")), { code: "runner_not_found" });
      await assert.rejects(manager.find.ofExecution(context, execution.id), { code: "execution_not_found" });
      assert.deepEqual(await manager.find.list(context, { workspaceId: "", includeEnded: false }), []);
      assert.equal(
        (await manager.find.list(context, { workspaceId: "", includeEnded: true })).length,
        1,
      );

      const { components, created } = await manager.ensure(context, ref("gone"), SPEC);
      assert.ok(created);
      await assert.rejects(components.agent.getExecution(execution.id, signal), {
        code: "execution_not_found",
      });
      await world.crash(execution.id.slice(0, 13));
      assert.equal((await destroy()).phase, "destroyed");
    },
  );

  scenario("finishes in a new grad what an old one began to destroy", async (world) => {
    const { execution } = await run(managerOf(world), "half", "before");
    const { records, backend } = world.grad();
    const id = execution.id.slice(0, 13);
    const record = (await records.read(id))!;
    assert.ok(await records.replace({ ...record, revision: record.revision + 1, phase: "destroying" }));
    assert.ok(
      !await records.replace({ ...record, revision: record.revision + 1, phase: "ready" }),
      "a stale write",
    );
    await managerOf(world).recover();
    assert.equal((await records.read(id))?.phase, "destroyed");
    assert.equal(await backend.inspect(id), undefined);
  });
}
