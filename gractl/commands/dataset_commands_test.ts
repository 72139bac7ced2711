import assert from "node:assert/strict";
import type { Dataset, DatasetCheck } from "../client/datasets.ts";
import type { GradClient } from "../client/grad_client.ts";
import { assertGolden } from "../../shared/testing/golden.ts";
import { CONFIG, type TempDir, tempDir } from "../workspace/testing/temp_dir.ts";
import { datasetCheck } from "./dataset_check.ts";
import { datasetGet } from "./dataset_get.ts";
import { datasetList } from "./dataset_list.ts";
import { datasetRemove } from "./dataset_remove.ts";
import { type Circumstances, runCommand } from "./testing/run_command.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG";
const ENV = { AWS_ACCESS_KEY_ID: "KEYOFANN", AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: "t0k3n" };

async function workspace(): Promise<TempDir> {
  const dir = await tempDir();
  await dir.write("config.yaml", CONFIG);
  await dir.write(
    "datasets/flights.yaml",
    `apiVersion: gractl/v1
kind: Dataset
name: flights
description: |
  All flights of 2013
  year  of departure
type: s3
s3: {bucket: nyc, prefix: flights, endpoint: "http://127.0.0.1:9000", pathStyle: true}
`,
  );
  await dir.write(
    "datasets/shelf.yaml",
    "apiVersion: gractl/v1\nkind: Dataset\nname: shelf\ntype: directory\ndirectory: {path: /srv/shelf}\n",
  );
  return dir;
}

const CHECK: DatasetCheck = {
  attached: {
    name: "flights",
    state: "mounted",
    errorCode: "",
    errorMessage: "",
    errorHint: "",
    path: "/workspace/data/flights",
  },
  files: 12,
  bytes: 5_400_000,
  truncated: false,
  tables: [{
    path: "2013-*.parquet",
    files: 12,
    rows: 336_776,
    columns: [{ name: "year", type: "int64" }, { name: "time_hour", type: "timestamp[us, tz=UTC]" }],
  }],
  samplePaths: ["2013-01.parquet", "evil\u001b[31m.parquet"],
};

function fakeGrad(answer: DatasetCheck, asked: Dataset[] = []): GradClient {
  return {
    datasets: {
      check: ({ dataset }: { dataset: Dataset }) => {
        asked.push(dataset);
        return Promise.resolve(answer);
      },
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  } as unknown as GradClient;
}

const texts = [
  { name: "dataset_list", command: datasetList, args: [] },
  { name: "dataset_get_s3", command: datasetGet, args: ["flights"] },
  { name: "dataset_get_directory", command: datasetGet, args: ["shelf"] },
  { name: "dataset_check", command: datasetCheck, args: ["flights"] },
  { name: "dataset_remove", command: datasetRemove, args: ["flights"] },
] as const;

for (const { name, command, args } of texts) {
  for (const format of ["text", "json"] as const) {
    Deno.test(`${name} prints its golden ${format}, and no key`, async () => {
      await using dir = await workspace();
      const circumstances: Circumstances = { cwd: dir.path, env: ENV, format, client: fakeGrad(CHECK) };
      const ran = await runCommand(command, args, circumstances);
      assert.equal(ran.exit, 0, `${ran.stdout}${ran.stderr}`);
      assert.equal(ran.stderr, "");
      for (const secret of Object.values(ENV)) assert.ok(!ran.stdout.includes(secret));
      const text = format === "text" ? ran.stdout : `${JSON.stringify(ran.json(), undefined, 2)}\n`;
      const file = new URL(`testdata/${name}.${format}.golden`, import.meta.url);
      await assertGolden(text.replaceAll(dir.path, "/w"), file);
    });
  }
}

Deno.test("dataset check sends the keys to grad and nowhere else", async () => {
  await using dir = await workspace();
  const asked: Dataset[] = [];
  await runCommand(datasetCheck, ["flights"], { cwd: dir.path, env: ENV, client: fakeGrad(CHECK, asked) });
  assert.deepEqual(asked, [{
    name: "flights",
    description: "All flights of 2013\nyear  of departure\n",
    access: "read-only",
    source: {
      type: "s3",
      endpoint: "http://127.0.0.1:9000",
      region: "",
      bucket: "nyc",
      prefix: "flights",
      pathStyle: true,
      credentials: {
        accessKeyId: "KEYOFANN",
        secretAccessKey: SECRET,
        sessionToken: "t0k3n",
        expiresAtSeconds: 0,
      },
    },
  }]);
});

Deno.test("dataset check fails with the code of a dataset that could not be attached", async () => {
  await using dir = await workspace();
  const attached = {
    ...CHECK.attached,
    state: "failed",
    errorCode: "dataset_bucket_not_found",
    errorMessage: "Cannot attach flights",
  } as const;
  const client = fakeGrad({ ...CHECK, attached });
  const ran = await runCommand(datasetCheck, ["flights"], {
    cwd: dir.path,
    env: ENV,
    format: "json",
    client,
  });
  assert.equal(ran.exit, 3);
  assert.equal(ran.json().error?.code, "dataset_bucket_not_found");
});

Deno.test("dataset check says which variables are missing before it asks anybody", async () => {
  await using dir = await workspace();
  const ran = await runCommand(datasetCheck, ["flights"], { cwd: dir.path, format: "json" });
  assert.equal(ran.json().error?.code, "credentials_not_found");
  assert.match(ran.json().error?.message ?? "", /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set/);
});

for (const command of [datasetGet, datasetCheck, datasetRemove]) {
  Deno.test(`${command.name}() says which dataset was probably meant`, async () => {
    await using dir = await workspace();
    const ran = await runCommand(command, ["fligths"], { cwd: dir.path, format: "json" });
    assert.equal(ran.exit, 2);
    assert.equal(ran.json().error?.code, "dataset_not_found");
    assert.equal(ran.json().error?.hint, 'Did you mean "flights"?');
    assert.equal(
      (await runCommand(command, ["../config"], { cwd: dir.path, format: "json" })).json().error?.code,
      "invalid_name",
    );
  });
}

Deno.test("dataset get does not care for the faults of others, dataset list does", async () => {
  await using dir = await workspace();
  await dir.write("datasets/broken.yaml", "x: [");
  assert.equal((await runCommand(datasetGet, ["flights"], { cwd: dir.path })).exit, 0);
  const list = await runCommand(datasetList, [], { cwd: dir.path, format: "json" });
  assert.equal(list.exit, 2);
  assert.match(list.json().error?.message ?? "", /broken\.yaml:\d+:\d+: /);
});

Deno.test("dataset remove removes a file that cannot be read, too", async () => {
  await using dir = await workspace();
  await dir.write("datasets/broken.yaml", "x: [");
  assert.equal((await runCommand(datasetRemove, ["broken"], { cwd: dir.path })).exit, 0);
  assert.ok(!(await dir.list()).includes("datasets/broken.yaml"));
});
