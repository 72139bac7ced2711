import type { Dataset } from "../../../gractl/client/datasets.ts";
import { type S3Server, startS3Server } from "../../support/versitygw.ts";
import { required } from "./cluster.ts";

/** An S3 server on this machine that pods can reach, and the dataset `sales` in it. */
export type Lake = AsyncDisposable & Readonly<{ s3: S3Server; sales: Dataset }>;

const BUCKET = "lake";
/** Rows of each file; column `a` counts from 0 over all files. */
const ROWS = 20_000;
const FILES = 4;
/** The sum of column `a`. */
export const SUM = (ROWS * FILES) * (ROWS * FILES - 1) / 2;
/** More than is read ahead, so that a reader has to wait for S3. */
export const LARGE_BYTES = 64 << 20;

/** `sales` has part-0.csv to part-3.csv, and large.bin. */
export async function startLake(): Promise<Lake> {
  const host = required("GRAD_TEST_CLUSTER_HOST", "the address of this machine that pods reach");
  const s3 = await startS3Server(await Deno.makeTempDir({ prefix: "gs-" }), host);
  await s3.uploader.makeBucket(BUCKET);
  for (let file = 0; file < FILES; file++) {
    const rows = Array.from({ length: ROWS }, (_, row) => `${file * ROWS + row}\n`);
    await s3.uploader.put(BUCKET, `sales/part-${file}.csv`, `a\n${rows.join("")}`);
  }
  await s3.uploader.put(BUCKET, "sales/large.bin", new Uint8Array(LARGE_BYTES));
  const { accessKeyId, secretAccessKey } = s3.admin;
  return {
    s3,
    sales: {
      name: "sales",
      description: "",
      access: "read-only",
      source: {
        type: "s3",
        endpoint: s3.endpoint,
        region: "us-east-1",
        bucket: BUCKET,
        prefix: "sales",
        pathStyle: true,
        credentialsUnavailable: false,
        credentials: { accessKeyId, secretAccessKey, sessionToken: "", expiresAtSeconds: 0 },
      },
    },
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
  };
}
