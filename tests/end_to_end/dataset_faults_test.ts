import assert from "node:assert/strict";
import { appendLine, execute, executeCall } from "../support/execution_document.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault_proxy.ts";
import { flightFigures } from "../support/flights.ts";
import { keysEnv } from "../support/nyc_s3.ts";
import { eventually } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";
import { writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

/** On DuckDB's shared connection: the kernel leaves no aborted transaction in it after a read that failed. */
const count = (name: string) =>
  `import duckdb; print(duckdb.sql("select count(*) from '/workspace/data/${name}/*.parquet'").fetchone()[0])`;
const COUNT = count("flights");
const ALL = "336776\n";

/** Shows the good case, and gives the workspace with the good description. */
async function good(world: World): Promise<string> {
  const cwd = await world.workspace();
  const { endpoint } = world.s3.server;
  await writeS3Dataset(world.backend, cwd, {
    name: "flights",
    endpoint,
    bucket: world.s3.bucket,
    prefix: "flights",
  });
  assert.equal((await execute(world.backend, cwd, COUNT, { env: world.s3.env })).stdout, ALL);
  return cwd;
}

/** A dataset that is reached through a proxy, in a workspace of its own, while `body` runs. */
async function throughProxy(
  world: World,
  dataset: { name: string; prefix: string },
  body: (at: { cwd: string; proxy: FaultProxy }) => Promise<void>,
): Promise<void> {
  const { host } = world.backend;
  await using proxy = startFaultProxy(world.s3.server.port, host, host);
  const cwd = await world.backend.makeWorkspace();
  await writeS3Dataset(world.backend, cwd, { ...dataset, endpoint: proxy.endpoint, bucket: world.s3.bucket });
  await body({ cwd, proxy });
  await world.backend.gractl(["runner", "destroy", "runner-1", "--force"], { cwd });
}

const wrongKeys: { name: string; env: (world: World) => Record<string, string>; code: string }[] = [
  {
    name: "a wrong secret key",
    env: ({ s3 }) => ({ ...s3.env, AWS_SECRET_ACCESS_KEY: "wrongwrongwrong" }),
    code: "dataset_credentials_invalid",
  },
  {
    name: "an unknown key",
    env: ({ s3 }) => ({ ...s3.env, AWS_ACCESS_KEY_ID: "KEYOFNOBODY" }),
    code: "dataset_credentials_invalid",
  },
  { name: "keys without rights", env: ({ s3 }) => keysEnv(s3.stranger), code: "dataset_access_denied" },
];

for (const { name, env, code } of wrongKeys) {
  scenario(`${name}: the call fails before the code starts, and good keys mend it`, async (world) => {
    const cwd = await good(world);
    const marked = `${appendLine("outputs/ran.txt", "ran")}${COUNT}`;
    const call = await executeCall(world.backend, cwd, marked, {
      env: env(world),
      args: ["--dataset", "flights"],
    });
    assert.equal(call.exits(3).error().code, code);
    assert.match(call.error().message, /flights/);
    const check = ["dataset", "check", "flights", "-o", "json"];
    const checked = await world.backend.gractl(check, { cwd, env: env(world) });
    assert.equal(checked.exits(3).error().code, code);
    const mended = `import os; print(os.path.exists('outputs/ran.txt')); ${COUNT}`;
    assert.equal((await execute(world.backend, cwd, mended, { env: world.s3.env })).stdout, `False\n${ALL}`);
  });
}

const wrongPlaces: { name: string; place: { bucket?: string; prefix?: string }; code: string }[] = [
  { name: "a missing bucket", place: { bucket: "no-such-bucket" }, code: "dataset_bucket_not_found" },
  { name: "a missing prefix", place: { prefix: "flight" }, code: "dataset_prefix_not_found" },
];

for (const { name, place, code } of wrongPlaces) {
  scenario(`${name} is told, and mending the description is enough`, async (world) => {
    const cwd = await good(world);
    const { endpoint } = world.s3.server;
    const right = { name: "flights", endpoint, bucket: world.s3.bucket, prefix: "flights" };
    await writeS3Dataset(world.backend, cwd, { ...right, ...place });
    const call = await executeCall(world.backend, cwd, COUNT, {
      env: world.s3.env,
      args: ["--dataset", "flights"],
    });
    assert.equal(call.exits(3).error().code, code);
    assert.match(call.error().message, /flights/);
    await writeS3Dataset(world.backend, cwd, right);
    assert.equal((await execute(world.backend, cwd, COUNT, { env: world.s3.env })).stdout, ALL);
  });
}

scenario(
  "a dataset that another call does not need may fail: it is an error to open, not an empty folder",
  async (world) => {
    const cwd = await good(world);
    const { s3 } = world;
    await writeS3Dataset(world.backend, cwd, {
      name: "broken",
      endpoint: s3.server.endpoint,
      bucket: "no-such-bucket",
    });
    try {
      const call = await executeCall(world.backend, cwd, COUNT, {
        env: s3.env,
        args: ["--dataset", "broken"],
      });
      assert.equal(call.exits(3).error().code, "dataset_bucket_not_found");
      assert.match(call.error().message, /broken/);
      assert.equal((await execute(world.backend, cwd, COUNT, { env: s3.env })).stdout, ALL);
      const code =
        "import os\ntry: print(os.listdir('/workspace/data/broken'))\nexcept OSError: print('refused')";
      const get = await world.backend.gractl(["runner", "get", "runner-1", "-o", "json"], { cwd });
      assert.equal(get.exits(0).json().phase, "ready");
      Deno.removeSync(`${cwd}/workspace/datasets/broken.yaml`);
      assert.equal((await execute(world.backend, cwd, code, { env: s3.env })).stdout, "refused\n");
    } finally {
      await Deno.remove(`${cwd}/workspace/datasets/broken.yaml`).catch(() => {});
    }
  },
);

for (const kind of ["refuse", "freeze"] as const) {
  scenario(
    `S3 that is unreachable from the start (${kind}) is told within a bound, and heals`,
    (world) =>
      throughProxy(world, { name: "away", prefix: "flights" }, async ({ cwd, proxy }) => {
        const call = () =>
          executeCall(world.backend, cwd, count("away"), {
            env: world.s3.env,
            args: ["--dataset", "away"],
            deadlineMs: 60_000,
          });
        await proxy.set({ kind });
        const refused = await call();
        assert.equal(refused.exits(3).error().code, "dataset_unreachable");
        assert.match(refused.error().message, /away/);
        assert.ok(refused.ended.elapsedMs < 30_000, `told after ${refused.ended.elapsedMs} ms`);
        await proxy.set({ kind: "pass" });
        assert.equal((await call()).exits(0).json().stdout, ALL);
      }),
  );

  scenario(
    `S3 that goes away while mounted (${kind}) is told, never taken for nothing, and heals`,
    (world) =>
      throughProxy(world, { name: "going", prefix: "flights" }, async ({ cwd, proxy }) => {
        const args = ["--timeout", "60s", "--dataset", "going"];
        const call = () => executeCall(world.backend, cwd, count("going"), { env: world.s3.env, args });
        assert.equal((await call()).exits(0).json().stdout, ALL);
        await proxy.set({ kind });
        // Until the data component has noticed, code meets errors of its own.
        await eventually("dataset_unreachable", async () => {
          const met = await call();
          if (met.code === 0) assert.equal(met.json().stdout, ALL); // what a cache still has is right
          return met.code === 3 && met.error().code === "dataset_unreachable" ? true : undefined;
        });
        await proxy.set({ kind: "pass" });
        await eventually("the dataset heals", async () => {
          const met = await call();
          return met.code === 0 && met.json().stdout === ALL ? true : undefined;
        });
      }),
  );

  scenario(
    `code that reads while S3 goes away (${kind}) meets an error and does not hang`,
    (world) =>
      throughProxy(world, { name: "weather", prefix: "weather" }, async ({ cwd, proxy }) => {
        // Waits for the test's word, then reads what nothing has cached.
        const code = `
import os, time
print(os.listdir("/workspace/data/weather"), flush=True)
while not os.path.exists("outputs/go"): time.sleep(0.05)
try: print(len(open("/workspace/data/weather/weather.parquet", "rb").read()))
except OSError as e: print("error", type(e).__name__)
`;
        const running = world.backend.start(["execute-code", "--code", code, "--timeout", "90s"], {
          cwd,
          env: world.s3.env,
        });
        await running.saw(/weather\.parquet/);
        await proxy.set({ kind });
        Deno.writeTextFileSync(`${cwd}/empty`, "");
        (await world.backend.gractl(["file", "put", "empty", "outputs/go"], { cwd })).exits(0);
        const ended = await running.ended;
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(ended.stdout, /^error \w+$/m);
        await proxy.set({ kind: "pass" });
        const again = `print(len(open("/workspace/data/weather/weather.parquet", "rb").read()) > 1000)`;
        await eventually("the dataset heals", async () => {
          const call = await executeCall(world.backend, cwd, again, { env: world.s3.env });
          return call.code === 0 && call.json().stdout === "True\n" ? true : undefined;
        });
      }),
  );
}

scenario(
  "connections that are cut in the middle give right figures or an error, never wrong ones",
  (world) =>
    throughProxy(world, { name: "shaky", prefix: "flights" }, async ({ cwd, proxy }) => {
      const want = await flightFigures();
      const right = `${want.rows} ${want.distance}\n`;
      const sum = 'import duckdb; print(*duckdb.connect().sql("select count(*), sum(distance)::bigint ' +
        "from '/workspace/data/shaky/*.parquet'\").fetchone())";
      const options = { env: world.s3.env, args: ["--timeout", "60s"] };
      await execute(world.backend, cwd, "1", options);
      await proxy.set({ kind: "cut", afterBytes: 100_000 });
      const shaky = await executeCall(world.backend, cwd, sum, options);
      // DuckDB may print its progress before.
      if (shaky.code === 0) assert.ok(shaky.json().stdout.endsWith(right), `${shaky}`);
      await proxy.set({ kind: "pass" });
      await eventually("the dataset heals", async () => {
        const steady = await executeCall(world.backend, cwd, sum, options);
        if (steady.code === 0) assert.equal(steady.json().stdout, right);
        return steady.code === 0 ? true : undefined;
      });
    }),
);
