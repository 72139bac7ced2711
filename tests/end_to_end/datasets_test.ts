import assert from "node:assert/strict";
import { join } from "node:path";
import { execute, executeCall } from "../support/execution_document.ts";
import { keysEnv } from "../support/nyc_s3.ts";
import { suite } from "../support/suite.ts";
import { removeDataset, writeDirectoryDataset, writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

scenario("dataset add, list, get, check and remove", async ({ backend, s3 }) => {
  const cwd = await backend.makeWorkspace();
  const dataset = (...args: string[]) =>
    backend.gractl(["dataset", ...args, "-o", "json"], { cwd, env: s3.env });
  const where = [
    "--endpoint",
    s3.server.endpoint,
    "--bucket",
    s3.bucket,
    "--prefix",
    "flights",
    "--path-style",
  ];
  const added = (await dataset("add", "flights", ...where, "--description", "All flights of 2013")).exits(0)
    .json();
  assert.equal(added.kind, "Dataset");
  assert.equal(added.name, "flights");
  const text = await Deno.readTextFile(join(cwd, "workspace/datasets/flights.yaml"));
  assert.match(text, /apiVersion: gractl\/v1/);
  assert.equal((await dataset("add", "flights", ...where)).exits(2).error().code, "dataset_exists");

  const list = (await dataset("list")).exits(0).json();
  assert.equal(list.kind, "DatasetList");
  assert.deepEqual(list.items.map((item: { name: string }) => item.name), ["flights"]);
  const got = (await dataset("get", "flights")).exits(0).json();
  assert.equal(got.description, "All flights of 2013");
  assert.equal(got.access, "read-only");

  const check = (await dataset("check", "flights")).exits(0).json();
  assert.equal(check.kind, "DatasetCheck");
  assert.equal(check.files, 12);
  assert.ok(check.bytes > 1_000_000);
  assert.equal(check.tables.length, 1);
  assert.equal(check.tables[0].rows, 336_776);
  const types = new Map(
    check.tables[0].columns.map((each: { name: string; type: string }) => [each.name, each.type]),
  );
  assert.equal(types.get("distance"), "int64");
  assert.equal(types.get("dep_delay"), "double");
  assert.match(String(types.get("carrier")), /string/);

  (await dataset("remove", "flights")).exits(0);
  assert.deepEqual((await dataset("list")).exits(0).json().items, []);
  for (const verb of ["get", "check", "remove"]) {
    assert.equal((await dataset(verb, "flights")).exits(2).error().code, "dataset_not_found", verb);
  }
});

scenario(
  "a removed description takes effect with the next execution, the others stay",
  async ({ backend, s3 }) => {
    const cwd = await backend.makeWorkspace();
    for (const name of ["airlines", "planes"]) {
      await writeS3Dataset(backend, cwd, {
        name,
        endpoint: s3.server.endpoint,
        bucket: s3.bucket,
        prefix: name,
      });
    }
    const code = "import os; print(sorted(os.listdir('/workspace/data')))";
    assert.equal((await execute(backend, cwd, code, { env: s3.env })).stdout, "['airlines', 'planes']\n");
    removeDataset(cwd, "planes");
    assert.equal((await execute(backend, cwd, code, { env: s3.env })).stdout, "['airlines']\n");
    await writeS3Dataset(backend, cwd, {
      name: "airlines",
      endpoint: s3.server.endpoint,
      bucket: s3.bucket,
      prefix: "airports",
    });
    const changed = "import os; print(os.listdir('/workspace/data/airlines'))";
    assert.equal((await execute(backend, cwd, changed, { env: s3.env })).stdout, "['airports.parquet']\n");
  },
);

scenario("a dataset cannot be written to, whatever its keys allow", async ({ backend, s3 }) => {
  const cwd = await backend.makeWorkspace();
  await writeS3Dataset(backend, cwd, {
    name: "airlines",
    endpoint: s3.server.endpoint,
    bucket: s3.bucket,
    prefix: "airlines",
  });
  const env = {
    AWS_ACCESS_KEY_ID: s3.server.admin.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.server.admin.secretAccessKey,
  };
  const code = `
import os
print(len(open("/workspace/data/airlines/airlines.parquet", "rb").read()) > 100)
for what in (
    lambda: open("/workspace/data/airlines/new.txt", "w"),
    lambda: os.remove("/workspace/data/airlines/airlines.parquet"),
    lambda: os.mkdir("/workspace/data/airlines/sub"),
    lambda: os.rename("/workspace/data/airlines/airlines.parquet", "/workspace/data/airlines/x"),
    lambda: os.mkdir("/workspace/data/other"),
):
    try: what(); print("wrote")
    except OSError as e: print("refused")
`;
  const got = await execute(backend, cwd, code, { env });
  assert.equal(got.stdout, `True\n${"refused\n".repeat(5)}`);
  assert.equal(await s3.server.uploader.listStatus(s3.bucket), 200);
  assert.ok((await s3.server.uploader.get(s3.bucket, "airlines/airlines.parquet")).length > 100);
});

scenario(
  "what is written to a read-write dataset is in S3, and another dataset reads it",
  async ({ backend, s3 }) => {
    const cwd = await backend.makeWorkspace();
    const { server } = s3;
    await server.uploader.makeBucket("results");
    await server.uploader.put("results", "there.txt", "there");
    const where = ["--endpoint", server.endpoint, "--path-style", "-o", "json"];
    const add = async (name: string, ...args: string[]) =>
      (await backend.gractl(["dataset", "add", name, ...args, ...where], { cwd, env: keysEnv(server.admin) }))
        .exits(0).json();
    await add("out", "s3://results/daily", "--access", "read-write");
    await add("flights", "s3://nyc/flights");
    const env = keysEnv(server.admin);
    const write = (name: string) => `
import duckdb, pandas as pd
source = "/workspace/data/flights/*.parquet"
carriers = duckdb.sql(f"select carrier, count(*) as flights from '{source}' group by 1 order by 2 desc").df()
carriers.to_parquet("/workspace/data/${name}/carriers.parquet")
duckdb.sql("copy (select sum(flights) as flights from carriers) to '/workspace/data/${name}/total.parquet'")`;
    await execute(backend, cwd, write("out"), { env });
    const written = await server.uploader.get("results", "daily/carriers.parquet");
    assert.equal(new TextDecoder().decode(written.subarray(0, 4)), "PAR1");

    await add("in", "s3://results/daily");
    const read = `
import duckdb
print(duckdb.sql("select count(*), sum(c.flights), max(t.flights::bigint) from '/workspace/data/in/carriers.parquet' c,"
  " '/workspace/data/in/total.parquet' t").fetchall())`;
    assert.equal((await execute(backend, cwd, read, { env })).stdout, "[(16, 336776, 336776)]\n");
    const refused = await execute(backend, cwd, write("in"), { env, exit: 1 });
    assert.match(refused.error?.message ?? "", /Read-only file system/);
    assert.deepEqual(await server.uploader.get("results", "daily/carriers.parquet"), written);

    // The same files with keys that may only read: told before the code starts.
    await server.uploader.allowReading("results", [s3.reader.accessKeyId]);
    assert.equal(
      (await executeCall(backend, cwd, "1", { env: s3.env, args: ["--dataset", "out"] })).exits(3).error()
        .code,
      "dataset_access_denied",
    );
    const check = await backend.gractl(["dataset", "check", "out", "-o", "json"], { cwd, env: s3.env });
    assert.match(check.exits(3).error().message, /may not write s3:\/\/results\/daily/);
    removeDataset(cwd, "out");
    assert.equal((await execute(backend, cwd, read, { env: s3.env })).status, "succeeded");
  },
);

scenario("a folder of this machine is a dataset too, read-only", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const folder = join(backend.dir, "shelf");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "note.txt"), "from the shelf");
  await writeDirectoryDataset(backend, cwd, "shelf", folder);
  const code = `
print(open("/workspace/data/shelf/note.txt").read())
try: open("/workspace/data/shelf/new.txt", "w")
except OSError: print("refused")
`;
  assert.equal((await execute(backend, cwd, code)).stdout, "from the shelf\nrefused\n");
  const check = await backend.gractl(["dataset", "check", "shelf", "-o", "json"], { cwd });
  assert.equal(check.exits(0).json().files, 1);
  await Deno.writeTextFile(join(folder, "later.txt"), "");
  const list = "import os; print(sorted(os.listdir('/workspace/data/shelf')))";
  assert.equal((await execute(backend, cwd, list)).stdout, "['later.txt', 'note.txt']\n");
  await writeDirectoryDataset(backend, cwd, "gone", join(backend.dir, "not-there"));
  const gone = await executeCall(backend, cwd, "1", { args: ["--dataset", "gone"] });
  assert.notEqual(gone.code, 0);
  assert.match(gone.error().message, /gone/);
}, { only: "local" });

scenario("names and places of datasets that are not allowed are refused", async ({ backend, s3 }) => {
  const cwd = await backend.makeWorkspace();
  const add = (name: string, ...args: string[]) =>
    backend.gractl(["dataset", "add", name, "--endpoint", s3.server.endpoint, ...args, "-o", "json"], {
      cwd,
    });
  assert.equal((await add("Bad_Name", "--bucket", "nyc")).exits(2).error().code, "invalid_name");
  const odd: [string, string][] = [["-o", "x"], ["nyc,use_cache=/", ""], ["nyc", "../up"], ["a", ""]];
  for (const [bucket, prefix] of odd.slice(1)) {
    const call = await add("odd", "--bucket", bucket, ...(prefix === "" ? [] : ["--prefix", prefix]));
    assert.ok(
      ["dataset_invalid", "invalid_argument", "invalid_file"].includes(call.exits(2).error().code),
      `${call}`,
    );
  }
  await assert.rejects(Deno.stat(join(cwd, "workspace/datasets/odd.yaml")), Deno.errors.NotFound);
});
