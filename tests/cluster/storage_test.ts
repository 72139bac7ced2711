/** Storage of a runner in a pod: measured beside mounts whose S3 server does not answer. tests/attacks/storage_limit_test.ts has the rest. */
import assert from "node:assert/strict";
import { refOf, run, signal, SPEC } from "./support/calls.ts";
import { startLake } from "./support/lake.ts";
import { exec } from "./support/pod_processes.ts";
import { replicaSuite } from "./support/replica_suite.ts";

const scenario = replicaSuite();

/** Far more than the runner has; files of a dataset are open meanwhile, one of them with a name as a deleted one has. */
const WRITE = `
import os, time
held = [open("/workspace/data/sales/" + name, "rb") for name in ("large.bin", "gone (deleted)")]
print("begun", flush=True)
while not os.path.exists("outputs/frozen"): time.sleep(0.05)
os.makedirs("outputs/large")
for index in range(20):
    with open(f"outputs/large/{index}", "wb", buffering=0) as file:
        for part in range(4):
            file.write(os.urandom(4 << 20))
            time.sleep(0.1)
print("written")
`;

scenario("code is stopped when its storage is full, also while S3 does not answer", async (grad) => {
  await using lake = await startLake();
  await lake.s3.uploader.put("lake", "sales/gone (deleted)", "x");
  await using client = await grad.client(0);
  const statuses: Record<string, string> = {};
  for (const storageMib of [1024, 64]) {
    const name = `storage-${storageMib}`;
    const spec = { ...SPEC, resources: { ...SPEC.resources, storageMib } };
    await client.runners.create(refOf(name), spec, signal);
    const begun = Promise.withResolvers<void>();
    const running = run(client, name, WRITE, {
      datasets: [lake.sales],
      onOutput: (text) => text.includes("begun") && begun.resolve(),
    });
    await Promise.race([begun.promise, running]);
    lake.s3.freeze();
    try {
      const { id } = await client.runners.get(refOf(name), signal);
      const agent = { namespace: grad.namespace, pod: id, container: "agent" } as const;
      await exec(agent, "touch", "/workspace/outputs/frozen");
      const { execution, stdout } = await running;
      statuses[name] = execution.status;
      assert.equal(stdout.includes("written"), storageMib === 1024, stdout);
      if (storageMib === 64) assert.equal(execution.error?.code, "storage_full");
      await client.runners.destroy(refOf(name), { force: true }, signal);
    } finally {
      lake.s3.thaw();
    }
  }
  assert.deepEqual(statuses, { "storage-1024": "succeeded", "storage-64": "interrupted" });
});
