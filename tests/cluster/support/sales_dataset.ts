import assert from "node:assert/strict";
import { eventually } from "../../support/process.ts";
import type { S3Server } from "../../support/versitygw.ts";
import type { StartedRunner } from "./started_runner.ts";

const signal = new AbortController().signal;

/** Puts the object `sales/part-1.csv` into a new bucket `lake`: columns a and b, two rows. */
export async function putSales({ uploader }: S3Server): Promise<void> {
  await uploader.makeBucket("lake");
  await uploader.put("lake", "sales/part-1.csv", "a,b\n1,2\n3,4\n");
}

/** Waits until the runner's data component answers again. */
export async function dataComponentServes({ components: { data } }: StartedRunner): Promise<void> {
  await eventually("the data component", () => data.getStatus(signal).then(() => true, () => undefined));
}

/**
 * Attaches what {@link putSales} has put, read-only, as the dataset `sales`, with keys that expire then (0: never); the test fails
 * where it is not mounted.
 */
export async function attachSales(runner: StartedRunner, s3: S3Server, expiresAtSeconds = 0n): Promise<void> {
  const { accessKeyId, secretAccessKey } = s3.admin;
  const value = {
    endpoint: s3.endpoint,
    region: "us-east-1",
    bucket: "lake",
    prefix: "sales",
    pathStyle: true,
    credentialsUnavailable: false,
    credentials: { accessKeyId, secretAccessKey, sessionToken: "", expiresAtSeconds },
  };
  const dataset = {
    name: "sales",
    description: "",
    access: "read-only",
    source: { $case: "s3", value },
  } as const;
  const { data } = runner.components;
  const applied = await data.apply({
    datasets: [dataset],
    required: ["sales"],
    keepOthers: false,
    waitMs: 30_000,
  }, signal);
  const seen = applied.datasets.map(({ name, state, errorMessage }) => [name, state, errorMessage]);
  assert.deepEqual(seen, [["sales", "mounted", ""]]);
}
