import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { execute, executeCall } from "../support/execution_document.ts";
import { flightFigures } from "../support/flights.ts";
import { suite, type World } from "../support/suite.ts";
import { writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();
let cwd = "";

/** One workspace for the whole job, with the tables as datasets. */
async function flightsWorkspace({ backend, s3 }: World): Promise<string> {
  if (cwd !== "") return cwd;
  cwd = await backend.makeWorkspace();
  for (const name of ["flights", "airlines", "planes"]) {
    await writeS3Dataset(backend, cwd, {
      name,
      endpoint: s3.server.endpoint,
      bucket: s3.bucket,
      prefix: name,
    });
  }
  return cwd;
}

const BY_AIRLINE = `
import duckdb
by_airline = duckdb.sql("""
  select a.name, count(*) as flights, round(avg(f.dep_delay), 4) as delay
  from '/workspace/data/flights/*.parquet' f join '/workspace/data/airlines/*.parquet' a using (carrier)
  where f.dep_delay is not null group by a.name order by flights desc, a.name
""").df()
print(by_airline.to_json(orient="records"))
by_airline
`;

scenario(
  "execute-code joins and aggregates parquet in S3 and agrees with pandas on the CSV",
  async (world) => {
    const cwd = await flightsWorkspace(world);
    const want = await flightFigures();
    const got = await execute(world.backend, cwd, BY_AIRLINE, { env: world.s3.env });
    const rows: typeof want.byAirline = JSON.parse(got.stdout);
    assert.deepEqual(
      rows.map(({ name, flights }) => [name, flights]),
      want.byAirline.map((r) => [r.name, r.flights]),
    );
    for (const [at, row] of rows.entries()) {
      assert.ok(
        Math.abs(row.delay - want.byAirline[at]!.delay) < 0.001,
      );
    }
    assert.equal(got.results.length, 1);
    assert.match(String(got.results[0]?.mime["text/plain"]), /United Air Lines Inc\./);
    assert.match(String(got.results[0]?.mime["text/html"]), /<table/);
  },
);

scenario("execute-code reads every file of a dataset, and joins datasets", async (world) => {
  const cwd = await flightsWorkspace(world);
  const want = await flightFigures();
  const code = `
import duckdb
flights = "read_parquet('/workspace/data/flights/*.parquet')"
planes = "read_parquet('/workspace/data/planes/*.parquet')"
print(*duckdb.sql(f"select count(*), sum(distance)::bigint from {flights}").fetchone())
print(duckdb.sql(f"select count(*) from {flights} join {planes} using (tailnum) where manufacturer = 'BOEING'").fetchone()[0])
`;
  const got = await execute(world.backend, cwd, code, { env: world.s3.env });
  assert.equal(got.stdout, `${want.rows} ${want.distance}\n${want.boeing}\n`);
});

scenario("a second call reuses runner, session and variables", async (world) => {
  const cwd = await flightsWorkspace(world);
  await execute(world.backend, cwd, BY_AIRLINE, { env: world.s3.env });
  const second = await execute(world.backend, cwd, "print(len(by_airline))", { env: world.s3.env });
  assert.equal(second.stdout, "16\n");
  assert.ok(second.durationMs !== null && second.durationMs < 2_000, `${second.durationMs} ms`);
  const list = await world.backend.gractl(["runner", "list", "-o", "json"], { cwd });
  assert.equal(list.exits(0).json().items.length, 1);
});

scenario("a plot becomes a PNG file whose path is told and exists", async (world) => {
  const cwd = await flightsWorkspace(world);
  const code = `
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.bar(["a", "b"], [1, 2])
fig.savefig("outputs/bars.png")
plt.show()
`;
  const got = await execute(world.backend, cwd, code, { env: world.s3.env });
  const images = got.artifacts.filter((artifact) => artifact.mediaType === "image/png");
  assert.ok(images.some((image) => image.path === "outputs/bars.png"), JSON.stringify(got.artifacts));
  assert.ok(images.length >= 2, `the shown figure is a file too: ${JSON.stringify(got.artifacts)}`);
  for (const image of images) {
    const bytes = await Deno.readFile(image.localPath ?? "");
    assert.deepEqual([...bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    assert.equal(bytes.length, image.bytes);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), image.sha256);
  }
  assert.ok(got.results.some((result) => "image/png" in result.mime));
});

scenario("as text, frames are tables and plots are paths that exist", async (world) => {
  const cwd = await flightsWorkspace(world);
  const code = `${BY_AIRLINE}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\nby_airline`;
  const call = await world.backend.gractl(["execute-code", "--code", code], { cwd, env: world.s3.env });
  call.exits(0);
  assert.match(call.stdout, /United Air Lines Inc\./);
  const paths = `${call.stdout}\n${call.stderr}`.match(/\S+\.png/g) ?? [];
  assert.ok(paths.length > 0, `${call}`);
  for (const path of paths) assert.ok((await Deno.stat(new URL(path, `file://${cwd}/`))).size > 0, path);
});

scenario("code reads a dataset that was described a moment ago, by its file alone", async (world) => {
  const cwd = await flightsWorkspace(world);
  const read = "import pandas as pd; print(len(pd.read_parquet('/workspace/data/fresh/airports.parquet')))";
  const before = await execute(world.backend, cwd, read, { env: world.s3.env, exit: 1 });
  assert.equal(before.error?.name, "FileNotFoundError");
  const { s3 } = world;
  await writeS3Dataset(world.backend, cwd, {
    name: "fresh",
    endpoint: s3.server.endpoint,
    bucket: s3.bucket,
    prefix: "airports",
  });
  const after = await execute(world.backend, cwd, read, { env: world.s3.env });
  assert.equal(after.stdout, "1458\n");
});

scenario(
  "without keys a call that requires a dataset says which are missing before anything runs",
  async (world) => {
    const cwd = await flightsWorkspace(world);
    const call = await executeCall(world.backend, cwd, "print(1)", { args: ["--dataset", "flights"] });
    assert.equal(call.exits(2).error().code, "credentials_not_found");
    assert.match(call.error().message, /flights/);
  },
);
