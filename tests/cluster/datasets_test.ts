import assert from "node:assert/strict";
import { startS3Server } from "../support/versitygw.ts";
import { required } from "./support/cluster.ts";
import { attachSales, dataComponentServes, putSales } from "./support/sales_dataset.ts";
import { startRunner } from "./support/started_runner.ts";
import { clusterWorld } from "./support/world.ts";

/** The address of this machine that pods can reach. */
const HOST = required("GRAD_TEST_CLUSTER_HOST", "the address of this machine that pods reach");
/** Kills the data component, but not the init of its container. */
const KILL_DATA = `
import glob, os
for path in glob.glob("/proc/[0-9]*/cmdline"):
    if b"-m\\0grad_runner.data\\0" in open(path, "rb").read() and path != "/proc/1/cmdline":
        os.kill(int(path.split("/")[2]), 9)
`;
const signal = new AbortController().signal;

Deno.test({
  name: "a runner's pod mounts a dataset of S3, shows it to code, and unmounts it",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using s3 = await startS3Server(await Deno.makeTempDir({ prefix: "gs-" }), HOST);
    await putSales(s3);
    await using world = await clusterWorld();
    const instance = world.grad();
    const runner = await startRunner(instance, world.namespace, "runner-1");
    await attachSales(runner, s3);
    const seen = await runner.code(
      "import pandas as pd; print(pd.read_csv('/workspace/data/sales/part-1.csv').a.sum())",
    );
    assert.equal(seen, "4\n");
    const argvs = await runner.exec("data", "sh", "-c", "cat /proc/*/cmdline | tr '\\0' ' '");
    assert.ok(argvs.includes("s3fs") && !argvs.includes(s3.admin.secretAccessKey));
    // Renewed keys: mounted anew in place of the mount that is there.
    const inAnHour = BigInt(Math.floor(Date.now() / 1_000) + 3_600);
    for (const later of [0n, 1n, 2n]) await attachSales(runner, s3, inAnHour + later);
    // A data component that is killed attaches the dataset again by itself.
    await runner.python("data", KILL_DATA);
    let again = "";
    for (let tries = 0; tries < 100 && !again.includes("part-1.csv"); tries++) {
      again = await runner.code("import os; print(os.listdir('/workspace/data/sales'))");
      assert.ok(!again.includes("[]"), again);
    }
    assert.ok(again.includes("part-1.csv"), again);
    await dataComponentServes(runner);
    await runner.components.data.apply(
      { datasets: [], required: [], keepOthers: false, waitMs: 30_000 },
      signal,
    );
    const gone = await runner.code("import os; print(os.listdir('/workspace/data'))");
    assert.ok(gone.includes("[]"), gone);
    await instance.backend.stop(runner.record.id);
  },
});
