import assert from "node:assert/strict";
import { appendLine, execute, executeCall } from "../support/execution_document.ts";
import { startFaultProxy } from "../support/fault_proxy.ts";
import { flightFigures } from "../support/flights.ts";
import { keysEnv } from "../support/nyc_s3.ts";
import { eventually } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";
import { writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

const COUNT =
  "import duckdb; print(duckdb.sql(\"select count(*) from '/workspace/data/flights/*.parquet'\").fetchone()[0])";
const ALL = "336776\n";

/** Shows the good case, and gives the workspace with the good description. */
async function good(world: World, endpoint = world.s3.server.endpoint): Promise<string> {
  const cwd = await world.workspace();
  writeS3Dataset(cwd, { name: "flights", endpoint, bucket: world.s3.bucket, prefix: "flights" });
  assert.equal((await execute(world.backend, cwd, COUNT, { env: world.s3.env })).stdout, ALL);
  return cwd;
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
    const call = await executeCall(world.backend, cwd, marked, { env: env(world) });
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
    writeS3Dataset(cwd, { ...right, ...place });
    const call = await executeCall(world.backend, cwd, COUNT, { env: world.s3.env });
    assert.equal(call.exits(3).error().code, code);
    assert.match(call.error().message, /flights/);
    writeS3Dataset(cwd, right);
    assert.equal((await execute(world.backend, cwd, COUNT, { env: world.s3.env })).stdout, ALL);
  });
}

scenario(
  "a dataset that another call does not need may fail: it is an error to open, not an empty folder",
  async (world) => {
    const cwd = await good(world);
    const { s3 } = world;
    writeS3Dataset(cwd, { name: "broken", endpoint: s3.server.endpoint, bucket: "no-such-bucket" });
    try {
      const call = await executeCall(world.backend, cwd, COUNT, { env: s3.env });
      assert.equal(call.exits(3).error().code, "dataset_bucket_not_found");
      assert.match(call.error().message, /broken/);
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
  scenario(`S3 that is unreachable (${kind}) is told within a bound, and heals by itself`, async (world) => {
    await using proxy = startFaultProxy(world.s3.server.port);
    const cwd = await good(world, proxy.endpoint);
    await proxy.set({ kind });
    const call = await executeCall(world.backend, cwd, COUNT, { env: world.s3.env, deadlineMs: 60_000 });
    assert.equal(call.exits(3).error().code, "dataset_unreachable");
    assert.match(call.error().message, /flights/);
    assert.ok(call.ended.elapsedMs < 30_000, `told after ${call.ended.elapsedMs} ms`);
    await proxy.set({ kind: "pass" });
    assert.equal((await execute(world.backend, cwd, COUNT, { env: world.s3.env })).stdout, ALL);
    await good(world); // away from the proxy, which ends now
  });
}

for (const kind of ["refuse", "freeze"] as const) {
  scenario(`code that reads while S3 goes away (${kind}) meets an error and does not hang`, async (world) => {
    await using proxy = startFaultProxy(world.s3.server.port);
    const cwd = await world.workspace();
    const name = `weather-${kind}`;
    writeS3Dataset(cwd, { name, endpoint: proxy.endpoint, bucket: world.s3.bucket, prefix: "weather" });
    const path = `/workspace/data/${name}/weather.parquet`;
    // Waits for the test's word, then reads what nothing has cached.
    const code = `
import os, time
os.path.exists("outputs/go-${kind}") and os.remove("outputs/go-${kind}")
print(os.listdir("/workspace/data/${name}"), flush=True)
while not os.path.exists("outputs/go-${kind}"): time.sleep(0.05)
try:
    print(len(open("${path}", "rb").read()))
except OSError as e: print("error", type(e).__name__)
`;
    const args = ["execute-code", "--code", code, "--timeout", "90s"];
    const running = world.backend.start(args, { cwd, env: { ...world.backend.env, ...world.s3.env } });
    await running.saw(/weather\.parquet/);
    await proxy.set({ kind });
    const began = performance.now();
    Deno.writeTextFileSync(`${cwd}/empty`, "");
    (await world.backend.gractl(["files", "put", "empty", `outputs/go-${kind}`], { cwd })).exits(0);
    const ended = await running.ended;
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /^error \w+$/m);
    assert.ok(performance.now() - began < 45_000, `${performance.now() - began} ms`);
    await proxy.set({ kind: "pass" });
    const again = `print(len(open("${path}", "rb").read()) > 1000)`;
    await eventually("the dataset heals", async () => {
      const call = await executeCall(world.backend, cwd, again, { env: world.s3.env });
      return call.code === 0 && call.json().stdout === "True\n" ? true : undefined;
    });
    Deno.removeSync(`${cwd}/workspace/datasets/${name}.yaml`);
  });
}

scenario(
  "connections that are cut in the middle give right figures or an error, never wrong ones",
  async (world) => {
    await using proxy = startFaultProxy(world.s3.server.port);
    const cwd = await world.workspace();
    const want = await flightFigures();
    const description = {
      name: "shaky",
      endpoint: proxy.endpoint,
      bucket: world.s3.bucket,
      prefix: "flights",
    };
    writeS3Dataset(cwd, description);
    const sum = 'import duckdb; print(*duckdb.sql("select count(*), sum(distance)::bigint ' +
      "from '/workspace/data/shaky/*.parquet'\").fetchone())";
    await proxy.set({ kind: "cut", afterBytes: 100_000 });
    const shaky = await executeCall(world.backend, cwd, sum, {
      env: world.s3.env,
      args: ["--timeout", "60s"],
    });
    if (shaky.code === 0) assert.equal(shaky.json().stdout, `${want.rows} ${want.distance}\n`);
    await proxy.set({ kind: "pass" });
    const steady = await execute(world.backend, cwd, sum, { env: world.s3.env });
    assert.equal(steady.stdout, `${want.rows} ${want.distance}\n`);
    Deno.removeSync(`${cwd}/workspace/datasets/shaky.yaml`);
  },
);
