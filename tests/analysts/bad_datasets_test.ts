/** One dataset that cannot be attached is a warning; code that opens it is told why, all other code runs. */
import assert from "node:assert/strict";
import { execute, executeCall } from "../support/execution_document.ts";
import { startFaultProxy } from "../support/fault_proxy.ts";
import { eventually } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";
import { writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

const READ = "import os; print(os.listdir('/workspace/data/airlines'))";
const FOUND = "['airlines.parquet']\n";

/** A workspace with `airlines`, which is good, and `broken`, whose bucket does not exist. */
async function workspaceWithBroken({ backend, s3 }: World): Promise<string> {
  const cwd = await backend.makeWorkspace();
  const { endpoint } = s3.server;
  await writeS3Dataset(backend, cwd, { name: "airlines", endpoint, bucket: s3.bucket, prefix: "airlines" });
  await writeS3Dataset(backend, cwd, { name: "broken", endpoint, bucket: "no-such-bucket" });
  return cwd;
}

scenario(
  "code runs beside a dataset that cannot be attached, with a warning that says why",
  async (world) => {
    const cwd = await workspaceWithBroken(world);
    const { env } = world.s3;
    const answer = (await executeCall(world.backend, cwd, `1+1; ${READ}`, { env })).exits(0).json();
    assert.equal(answer.stdout, FOUND);
    assert.match(
      answer.warnings[0],
      /^The dataset broken is not attached.*there is no bucket "no-such-bucket"/,
    );
    const text = await world.backend.gractl(["execute-code", "--code", "1+1"], { cwd, env });
    assert.equal(text.exits(0).stdout, "2\n");
    assert.match(text.stderr, /^warning: The dataset broken is not attached.*no-such-bucket/m);
  },
);

scenario(
  "opening a dataset that is not attached is an error whose hint names it and the cause",
  async (world) => {
    const cwd = await workspaceWithBroken(world);
    const opening = [
      "open('data/broken/x.csv')",
      "import os; os.listdir('/workspace/data/broken')",
      "import pandas as pd; pd.read_parquet('data/broken/x.parquet')",
      "import duckdb; duckdb.sql(\"from 'data/broken/*.parquet'\")",
      "import duckdb; duckdb.sql('from broken')",
    ];
    for (const code of opening) {
      const { error } = await execute(world.backend, cwd, code, { env: world.s3.env, exit: 1 });
      assert.match(error?.hint ?? "", /dataset "broken": there is no bucket "no-such-bucket"/, code);
    }
  },
);

scenario("--dataset requires a dataset and detaches no others", async (world) => {
  const cwd = await workspaceWithBroken(world);
  const { env } = world.s3;
  const refused = await executeCall(world.backend, cwd, "1", { env, args: ["--dataset", "broken"] });
  assert.equal(refused.exits(3).error().code, "dataset_bucket_not_found");
  assert.equal((await execute(world.backend, cwd, READ, { env })).stdout, FOUND);
  // Without keys, also in the files: what is attached stays.
  await Deno.remove(`${cwd}/workspace/datasets/broken.yaml`);
  const { endpoint } = world.s3.server;
  await writeS3Dataset(world.backend, cwd, {
    name: "open",
    endpoint,
    bucket: world.s3.openBucket,
    credentials: { source: "anonymous" },
  });
  assert.equal((await execute(world.backend, cwd, READ, { args: ["--dataset", "open"] })).stdout, FOUND);
});

scenario("a call without the keys keeps what another call has attached with them", async (world) => {
  const cwd = await workspaceWithBroken(world);
  assert.equal((await execute(world.backend, cwd, READ, { env: world.s3.env })).stdout, FOUND);
  assert.equal((await execute(world.backend, cwd, READ)).stdout, FOUND);
  (await world.backend.gractl(["runner", "create", "fresh"], { cwd })).exits(0);
  const fresh = (await executeCall(world.backend, cwd, "1", { args: ["--runner", "fresh"] })).exits(0).json();
  assert.match(fresh.warnings[0], /airlines is not attached.*AWS_ACCESS_KEY_ID/);
});

scenario("--no-datasets leaves mounts as they are", async (world) => {
  const cwd = await workspaceWithBroken(world);
  await execute(world.backend, cwd, "1", { env: world.s3.env });
  const answer = (await executeCall(world.backend, cwd, READ, { args: ["--no-datasets"] })).exits(0).json();
  assert.deepEqual([answer.stdout, answer.warnings], [FOUND, []]);
  const { s3 } = world;
  (await world.backend.gractl(["runner", "create", "other"], { cwd })).exits(0);
  const gone = [...["--no-datasets"], ...["--runner", "other"]];
  const none = await execute(world.backend, cwd, "import os; print(os.listdir('data'))", {
    args: gone,
    env: s3.env,
  });
  assert.equal(none.stdout, "[]\n");
});

for (const kind of ["refuse", "freeze"] as const) {
  scenario(`results are saved while S3 is away (${kind})`, async ({ backend, s3 }) => {
    await using proxy = startFaultProxy(s3.server.port);
    const cwd = await backend.makeWorkspace();
    const dataset = { name: "airlines", endpoint: proxy.endpoint, bucket: s3.bucket, prefix: "airlines" };
    await writeS3Dataset(backend, cwd, dataset);
    const { env } = s3;
    await execute(backend, cwd, `import pandas as pd; frame = pd.read_parquet('data/airlines')`, { env });
    await proxy.set({ kind });
    const save = "frame.to_csv('outputs/saved.csv', index=False); print(len(frame))";
    assert.equal((await execute(backend, cwd, save, { env })).stdout, "16\n");
    const warned = await eventually("the warning", async () => {
      const { warnings } = (await executeCall(backend, cwd, save, { env, deadlineMs: 60_000 })).exits(0)
        .json();
      return warnings.length > 0 ? warnings[0] as string : undefined;
    });
    assert.match(warned, /airlines/);
    // Each of the calls that follow is quick, although the dataset is tried again.
    const begun = performance.now();
    for (let call = 0; call < 3; call++) await execute(backend, cwd, save, { env });
    assert.ok(performance.now() - begun < 45_000);
    await proxy.set({ kind: "pass" });
    await eventually("the dataset heals", async () => {
      const call = await executeCall(backend, cwd, READ, { env });
      return call.code === 0 && call.json().stdout === FOUND ? true : undefined;
    });
    await backend.gractl(["runner", "destroy", "runner-1", "--force"], { cwd });
  }, { deadlineMs: 240_000 });
}

scenario("a dataset file that is not valid blocks no code", async (world) => {
  const cwd = await workspaceWithBroken(world);
  await Deno.writeTextFile(`${cwd}/workspace/datasets/broken.yaml`, "name: [broken\n");
  const answer = (await executeCall(world.backend, cwd, READ, { env: world.s3.env })).exits(0).json();
  assert.equal(answer.stdout, FOUND);
  assert.match(answer.warnings[0], /broken is not attached: .*broken\.yaml:\d+:\d+/);
});
