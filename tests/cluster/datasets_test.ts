import assert from "node:assert/strict";
import { systemClock } from "../../shared/clock.ts";
import type { Components } from "../../grad/runners/backend.ts";
import { aRecord } from "../../grad/runners/testing/records.ts";
import { waitUntilReady } from "../../grad/runners/wait_until_ready.ts";
import { eventually } from "../support/process.ts";
import { startS3Server } from "../support/versitygw.ts";
import { kubectl, required } from "./support/cluster.ts";
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

async function run({ agent }: Components, key: string, code: string): Promise<string> {
  const answer = await agent.execute({
    session: "default",
    kernel: "",
    paramsJson: "",
    deadlineMs: 60_000,
    waitMs: 60_000,
    maxBytes: 1 << 20,
    datasetsVersion: "",
    idempotencyKey: key.padEnd(16, "0"),
    code,
  }, signal);
  let { events, nextSeq, done } = answer;
  const all = [...events];
  while (!done) {
    const executionId = answer.execution.id;
    ({ events, nextSeq, done } = await agent.readEvents(
      { executionId, fromSeq: nextSeq, waitMs: 20_000, maxBytes: 1 << 20 },
      signal,
    ));
    all.push(...events);
  }
  const decoder = new TextDecoder();
  return all.map(({ kind }) =>
    kind?.$case === "stdout" || kind?.$case === "stderr"
      ? decoder.decode(kind.value.data)
      : kind?.$case === "error"
      ? `${kind.value.message}\n`
      : ""
  ).join("");
}

Deno.test({
  name: "a runner's pod mounts a dataset of S3, shows it to code, and unmounts it",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using s3 = await startS3Server(await Deno.makeTempDir({ prefix: "gs-" }), HOST);
    await s3.uploader.makeBucket("lake");
    await s3.uploader.put("lake", "sales/part-1.csv", "a,b\n1,2\n3,4\n");
    await using world = await clusterWorld();
    const { backend } = world.grad();
    const record = aRecord({ status: { phase: "creating" } });
    await backend.apply(record, signal);
    await waitUntilReady(backend, record, { clock: systemClock, signal, report: () => Promise.resolve() });
    const components = await backend.connect(record);
    const { accessKeyId, secretAccessKey } = s3.admin;
    const credentials = { accessKeyId, secretAccessKey, sessionToken: "", expiresAtSeconds: 0n };
    const value = {
      endpoint: s3.endpoint,
      region: "us-east-1",
      bucket: "lake",
      prefix: "sales",
      pathStyle: true,
      credentials,
    };
    const dataset = {
      name: "sales",
      description: "",
      access: "read-only",
      source: { $case: "s3", value },
    } as const;
    const serving = () =>
      eventually(
        "the data component",
        () => components.data.getStatus(signal).then(() => true, () => undefined),
        30_000,
      );
    await serving();
    const applied = await components.data.apply({ datasets: [dataset], waitMs: 30_000 }, signal);
    assert.deepEqual(applied.datasets.map(({ name, state, errorMessage }) => [name, state, errorMessage]), [[
      "sales",
      "mounted",
      "",
    ]]);
    const seen = await run(
      components,
      "read",
      "import pandas as pd; print(pd.read_csv('/workspace/data/sales/part-1.csv').a.sum())",
    );
    assert.equal(seen, "4\n");
    const exec = (container: string, ...argv: string[]) =>
      kubectl("exec", "-n", world.namespace, record.id, "-c", container, "--", ...argv);
    assert.ok(
      !(await exec("data", "sh", "-c", "cat /proc/*/cmdline | tr '\\0' ' '")).includes(secretAccessKey),
    );
    // A data component that is killed attaches the dataset again by itself.
    await exec("data", "python3", "-c", KILL_DATA);
    let again = "";
    for (let tries = 0; tries < 100 && !again.includes("part-1.csv"); tries++) {
      again = await run(components, `again${tries}`, "import os; print(os.listdir('/workspace/data/sales'))");
      assert.ok(!again.includes("[]"), again);
    }
    assert.ok(again.includes("part-1.csv"), again);
    await serving();
    await components.data.apply({ datasets: [], waitMs: 30_000 }, signal);
    const gone = await run(components, "gone", "import os; print(os.listdir('/workspace/data'))");
    assert.ok(gone.includes("[]"), gone);
    await backend.stop(record.id);
  },
});
