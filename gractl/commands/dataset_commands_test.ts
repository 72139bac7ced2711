import assert from "node:assert/strict";
import type { Dataset } from "../client/datasets.ts";
import { CHECK, DATASET_FILES, exampleGrad, KEYS } from "../testing/examples.ts";
import { fakeGrad } from "../testing/fake_grad.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

Deno.test("dataset check sends the keys to grad and nowhere else", async () => {
  await using dir = await tempWorkspace(DATASET_FILES);
  const asked: Dataset[] = [];
  const client = fakeGrad({
    datasets: { check: ({ dataset }) => (asked.push(dataset), Promise.resolve(CHECK)) },
  });
  await runCommand(["dataset", "check", "flights"], { cwd: dir.path, env: KEYS, client });
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
        secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY,
        sessionToken: "t0k3n",
        expiresAtSeconds: 0,
      },
      credentialsUnavailable: false,
    },
  }]);
});

Deno.test("dataset check fails with the code of a dataset that could not be attached", async () => {
  await using dir = await tempWorkspace(DATASET_FILES);
  const attached = {
    ...CHECK.attached,
    state: "failed",
    errorCode: "dataset_bucket_not_found",
    errorMessage: "Cannot attach flights",
  } as const;
  const client = exampleGrad({ datasets: { check: () => Promise.resolve({ ...CHECK, attached }) } });
  const circumstances = { cwd: dir.path, env: KEYS, client, format: "json" } as const;
  const ran = await runCommand(["dataset", "check", "flights"], circumstances);
  assert.equal(ran.exit, 3);
  assert.equal(ran.json().error?.code, "dataset_bucket_not_found");
});

Deno.test("dataset check names the missing variables before it connects to grad", async () => {
  await using dir = await tempWorkspace(DATASET_FILES);
  const ran = await runCommand(["dataset", "check", "flights"], { cwd: dir.path, format: "json" });
  assert.equal(ran.json().error?.code, "credentials_not_found");
  assert.match(ran.json().error?.message ?? "", /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set/);
});

for (const command of ["get", "check", "remove"]) {
  Deno.test(`dataset ${command} suggests the dataset that was probably meant`, async () => {
    await using dir = await tempWorkspace(DATASET_FILES);
    const ran = await runCommand(["dataset", command, "fligths"], { cwd: dir.path, format: "json" });
    assert.equal(ran.exit, 2);
    assert.equal(ran.json().error?.code, "dataset_not_found");
    assert.equal(ran.json().error?.hint, 'Did you mean "flights"?');
    assert.equal(
      (await runCommand(["dataset", command, "../config"], { cwd: dir.path, format: "json" })).json().error
        ?.code,
      "invalid_name",
    );
  });
}

Deno.test("dataset get ignores faults of other files, dataset list reports them", async () => {
  await using dir = await tempWorkspace(DATASET_FILES);
  await dir.write("datasets/broken.yaml", "x: [");
  assert.equal((await runCommand(["dataset", "get", "flights"], { cwd: dir.path })).exit, 0);
  const list = await runCommand(["dataset", "list"], { cwd: dir.path, format: "json" });
  assert.equal(list.exit, 2);
  assert.match(list.json().error?.message ?? "", /broken\.yaml:\d+:\d+: /);
});

Deno.test("dataset remove also removes a file that is not valid", async () => {
  await using dir = await tempWorkspace(DATASET_FILES);
  await dir.write("datasets/broken.yaml", "x: [");
  assert.equal((await runCommand(["dataset", "remove", "broken"], { cwd: dir.path })).exit, 0);
  assert.ok(!(await dir.list()).includes("datasets/broken.yaml"));
});
