import assert from "node:assert/strict";
import type { GradClient } from "../../gractl/client/grad_client.ts";
import { eventually } from "../support/process.ts";
import { inNamespace, refOf, run, signal } from "./support/calls.ts";
import { kubectl } from "./support/cluster.ts";
import { LARGE_BYTES, startLake, SUM } from "./support/lake.ts";
import { nodeMounts } from "./support/node_mounts.ts";
import { type Container, exec, kill, processes } from "./support/pod_processes.ts";
import { replicaSuite } from "./support/replica_suite.ts";

const scenario = replicaSuite();

/** Longest wait for something that takes a second or two on a machine that does nothing else. */
const LONG_MS = 120_000;
/** Kills of s3fs, the data component and the mount component, in turn. By hand more: GRAD_TEST_KILLS. */
const KILLS = Number(Deno.env.get("GRAD_TEST_KILLS") ?? "10");
/** How long a dataset may be away after a kill, and how many times as long as a start of Python with the data component's imports. */
const MAX_AWAY = { seconds: 10, starts: 20 };

const S3FS = ["s3fs", "-f"];
const DATA = ["-m", "grad_runner.data"];
const MOUNT = ["-m", "grad_runner.mount"];

/** Lists the dataset until outputs/stop exists. `away` has, in seconds, the times between two listings that showed its files. */
const LISTINGS = `
import collections, json, os, time
seen, unnamed, away, failed, last = collections.Counter(), set(), [], False, time.monotonic()
print("listing", flush=True)
while not os.path.exists("outputs/stop"):
    try:
        there = os.listdir("/workspace/data/sales")
    except OSError as error:
        seen["error"] += 1
        failed = True
        if "/workspace/data/sales" not in str(error): unnamed.add(str(error))
        continue
    seen["full" if len(there) == 5 else "empty" if not there else "partly"] += 1
    if there:
        now = time.monotonic()
        if failed: away.append(round(now - last, 2))
        failed, last = False, now
print(json.dumps({"seen": seen, "unnamed": sorted(unnamed), "away": away}))
`;

/** Asks DuckDB the same until outputs/stop exists, and always has a file of the dataset open. */
const QUERIES = `
import collections, duckdb, json, os
seen, unnamed, held = collections.Counter(), set(), None
print("asking", flush=True)
while not os.path.exists("outputs/stop"):
    try:
        if held is None: held = open("/workspace/data/sales/large.bin", "rb")
        with duckdb.connect() as connection:
            answer = connection.sql("select sum(a) from '/workspace/data/sales/*.csv'").fetchone()[0]
    except (OSError, duckdb.Error) as error:
        seen["error"] += 1
        if "/workspace/data/sales" not in str(error): unnamed.add(str(error))
    else:
        seen["right" if answer == ${SUM} else "wrong"] += 1
    try:
        if held is not None: held.seek(0); held.read(1)
    except OSError: held = None
print(json.dumps({"seen": seen, "unnamed": sorted(unnamed)}))
`;

type Loop = {
  seen: Partial<Record<"full" | "partly" | "empty" | "right" | "wrong" | "error", number>>;
  unnamed: readonly string[];
  away: readonly number[];
};

/** Runs a loop, and returns when it has begun. */
async function begin(
  client: GradClient,
  name: string,
  code: string,
  options: Parameters<typeof run>[3],
): Promise<{ ended: Promise<Loop> }> {
  const begun = Promise.withResolvers<void>();
  const ended = run(client, name, code, { ...options, onOutput: (text) => text && begun.resolve() }).then(
    ({ execution, stdout }) => {
      assert.equal(execution.status, "succeeded", JSON.stringify(execution.error));
      return JSON.parse(stdout.split("\n")[1]!) as Loop;
    },
  );
  await Promise.race([begun.promise, ended]);
  return { ended };
}

/** Seconds that the data component's largest imports take in its container now: on a busy machine a restart takes long. */
async function startSeconds(data: Container): Promise<number> {
  const code =
    "import time; began = time.monotonic(); import botocore.session, grpc; print(time.monotonic() - began)";
  return Number(await exec(data, "/opt/grad/venv/bin/python", "-c", code));
}

/** Ends one of the three, and waits until another s3fs shows the dataset again. Nobody calls grad meanwhile. */
async function killAndSeeItHeal(
  data: Container,
  victim: Readonly<{ container: string; words: readonly string[] }>,
): Promise<void> {
  const before = await processes(data, ...S3FS);
  await kill({ ...data, container: victim.container }, ...victim.words);
  await eventually(`the dataset after the end of ${victim.words.at(-1)}`, async () => {
    const now = await processes(data, ...S3FS).catch(() => []);
    if (now.every((pid) => before.includes(pid))) return undefined;
    const there = await exec({ ...data, container: "agent" }, "ls", "/workspace/data/sales").catch(() => "");
    return there.includes("part-0.csv") ? true : undefined;
  }, LONG_MS);
}

scenario(
  "s3fs, data and mount are killed in turn: listings are never empty, errors name the dataset, it is back by itself",
  async (grad) => {
    await using lake = await startLake();
    await using client = await grad.client(0);
    await using other = await grad.client(1);
    const datasets = [lake.sales];
    const { execution } = await run(client, "killed", "print(1)", { datasets });
    const data = { namespace: grad.namespace, pod: execution.id.slice(0, 13), container: "data" };
    const listings = await begin(client, "killed", LISTINGS, { datasets, session: "listings" });
    const queries = await begin(other, "killed", QUERIES, { datasets, session: "queries" });
    const starts = [await startSeconds(data)];
    const victims = [
      { container: "data", words: S3FS },
      { container: "data", words: DATA },
      { container: "mount", words: MOUNT },
    ];
    for (let kills = 0; kills < KILLS; kills++) {
      await killAndSeeItHeal(data, victims[kills % victims.length]!);
      starts.push(await startSeconds(data));
    }
    await exec({ ...data, container: "agent" }, "touch", "/workspace/outputs/stop");
    const [listed, asked] = [await listings.ended, await queries.ended];
    console.log(JSON.stringify({ listed, asked, starts }));
    assert.deepEqual([listed.seen.empty, listed.seen.partly, asked.seen.wrong], [
      undefined,
      undefined,
      undefined,
    ]);
    assert.ok((listed.seen.full ?? 0) > 0 && (listed.seen.error ?? 0) > 0, "the loop saw no kill");
    assert.ok((asked.seen.right ?? 0) > 0, "no query succeeded");
    assert.deepEqual([listed.unnamed, asked.unnamed], [[], []]);
    const allowed = Math.max(MAX_AWAY.seconds, MAX_AWAY.starts * Math.max(...starts));
    assert.deepEqual(listed.away.filter((seconds) => seconds > allowed), [], `more than ${allowed} s`);
    await client.runners.destroy(refOf("killed"), { force: true }, signal);
  },
);

scenario(
  "a runner is destroyed while S3 is frozen, a reader is stuck and its data component is killed, and leaves no mount",
  async (grad) => {
    await using lake = await startLake();
    await using client = await grad.client(0);
    const datasets = [lake.sales];
    const { execution } = await run(client, "stuck", "print(1)", { datasets });
    const pod = execution.id.slice(0, 13);
    const data = { namespace: grad.namespace, pod, container: "data" };
    const uid = (await inNamespace(grad.namespace).pods()).find(({ metadata }) => metadata?.name === pod)!
      .metadata!.uid!;
    await using node = await nodeMounts(grad.namespace, pod);
    assert.equal((await node.ofPod(uid)).length, 1, "the mount of the dataset is seen on the node");
    const reading = Promise.withResolvers<void>();
    // Starts to read at the end of the code that says so: the rest of the file has to come from S3.
    const code = `
file = open("/workspace/data/sales/large.bin", "rb", buffering=0)
file.read(1)
print("reading", flush=True)
while not __import__("os").path.exists("outputs/go"): pass
file.seek(${LARGE_BYTES - (1 << 20)})
file.read()`;
    const stuck = run(client, "stuck", code, { datasets, onOutput: (text) => text && reading.resolve() })
      .then(() => {}, () => {});
    await reading.promise;
    lake.s3.freeze();
    try {
      await exec({ ...data, container: "agent" }, "touch", "/workspace/outputs/go");
      await eventually("a reader that waits for S3", async () => {
        const states = await exec(
          { ...data, container: "agent" },
          "sh",
          "-c",
          "timeout 1 cat /workspace/data/sales/part-3.csv >/dev/null 2>&1 && echo read || echo waits",
        );
        return states.includes("waits") ? true : undefined;
      }, LONG_MS);
      await kill(data, ...DATA);
      const began = performance.now();
      await client.runners.destroy(refOf("stuck"), { force: true }, signal);
      const seconds = (performance.now() - began) / 1000;
      const pods = await inNamespace(grad.namespace).pods();
      assert.ok(!pods.some(({ metadata }) => metadata?.name === pod), "the pod is gone");
      assert.ok(seconds <= 30, `gone after ${seconds} s`);
      assert.deepEqual(await node.ofPod(uid), []);
    } finally {
      lake.s3.thaw();
    }
    await stuck;
  },
);

scenario(
  "after a pod was deleted, a dataset is not mounted until a call brings its keys again",
  async (grad) => {
    await using lake = await startLake();
    await using client = await grad.client(0);
    await using other = await grad.client(1);
    const read = `print(len(open("/workspace/data/sales/part-0.csv").read()) > 0)`;
    const { execution, stdout } = await run(client, "keys", read, { datasets: [lake.sales] });
    assert.equal(stdout, "True\n");
    const pod = execution.id.slice(0, 13);
    const where = ["--namespace", grad.namespace];
    const everything = await kubectl("get", "secrets,pods,configmaps,runners", ...where, "-o", "json");
    assert.ok(!everything.includes(lake.s3.admin.secretAccessKey), "no object of Kubernetes has the keys");
    await kubectl("delete", "pod", pod, ...where, "--grace-period=0", "--force", "--wait");
    const without = await run(other, "keys", read);
    assert.equal(without.execution.status, "failed");
    assert.equal(without.execution.error?.name, "FileNotFoundError");
    assert.match(without.execution.error!.hint, /dataset "sales" is not mounted/);
    assert.equal((await run(other, "keys", read, { datasets: [lake.sales] })).stdout, "True\n");
    await client.runners.destroy(refOf("keys"), { force: true }, signal);
  },
);
