/** A runner whose custom resource somebody deletes by kubectl. */
import assert from "node:assert/strict";
import { aContext } from "../../grad/auth/testing/contexts.ts";
import { runnerId } from "../../grad/runners/names.ts";
import { WORKSPACE } from "../../grad/runners/testing/records.ts";
import { aService } from "../../grad/runners/testing/service.ts";
import { kubectl } from "./support/cluster.ts";
import { clusterWorld } from "./support/world.ts";

const context = aContext();
const ref = { workspaceId: WORKSPACE, name: "deleted" };
const SPEC = {
  environment: "",
  resources: { cpuMillis: 0, memoryMib: 512, storageMib: 0 },
  network: "none",
} as const;

Deno.test({
  name:
    "a runner that is deleted by kubectl is ended by grad and leaves nothing, and its name can be used again",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using world = await clusterWorld();
    const stopping = new AbortController();
    const { store, backend } = world.grad();
    const service = aService({ store, backend, stopping: stopping.signal });
    const id = runnerId("local", ref);
    const there = async () =>
      (await kubectl("get", "runners,pods,pvc,secrets", "--namespace", world.namespace, "--output=name"))
        .split("\n").filter((name) => name.includes(id));
    await service.ensure(context, ref, SPEC);
    assert.equal((await there()).length, 4);
    const remove = (...options: string[]) =>
      kubectl("delete", "runner.grad.dev", id, "--namespace", world.namespace, ...options);
    // Without grad the object stays, so that nothing of the runner is forgotten.
    await remove("--wait=false");
    assert.equal((await store.get(id))?.record.deleted, true);
    assert.equal((await backend.observe(id)).state, "running");

    const running = service.reconciler.run();
    try {
      await kubectl(
        "wait",
        "--for=delete",
        `runner.grad.dev/${id}`,
        "--namespace",
        world.namespace,
        "--timeout=90s",
      );
      await kubectl("wait", "--for=delete", "pvc", "--all", "--namespace", world.namespace, "--timeout=90s");
      assert.deepEqual(await there(), []);
      const again = await service.ensure(context, ref, SPEC);
      assert.deepEqual([again.created, again.record.status.phase], [true, "ready"]);
      // While grad runs, its watch of records is told at once.
      await remove("--timeout=90s");
    } finally {
      stopping.abort(new Error("the test has ended"));
      await running;
    }
  },
});
