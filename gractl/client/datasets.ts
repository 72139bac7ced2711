import type { AttachedDataset, RunnerRef } from "./runners.ts";

/** Keys of S3. The session token is empty for long-lived keys; `expiresAtSeconds` (since the Unix epoch) is 0 where no expiry is known. */
export type S3Credentials = Readonly<{
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiresAtSeconds: number;
}>;

export type S3Source = Readonly<{
  type: "s3";
  endpoint: string;
  region: string;
  bucket: string;
  prefix: string;
  pathStyle: boolean;
  /** `undefined` means anonymous access, unless they are unavailable. */
  credentials: S3Credentials | undefined;
  /** They are not on this machine: what is mounted from this source stays, nothing is mounted. */
  credentialsUnavailable: boolean;
}>;

/** A folder on the machine where grad runs. */
export type DirectorySource = Readonly<{ type: "directory"; path: string }>;

/** A dataset as it is sent to grad, with its keys. */
export type Dataset = Readonly<{
  name: string;
  description: string;
  access: "read-only" | "read-write";
  source: S3Source | DirectorySource;
}>;

export type Column = Readonly<{ name: string; type: string }>;

/** Parquet files with the same columns. `path` is a file or a glob, relative to the dataset's folder. */
export type Table = Readonly<{ path: string; files: number; rows: number; columns: readonly Column[] }>;

export type DatasetCheck = Readonly<{
  attached: AttachedDataset;
  files: number;
  bytes: number;
  /** The listing stopped at `maxFiles`, so `files` and `bytes` are lower bounds. */
  truncated: boolean;
  tables: readonly Table[];
  samplePaths: readonly string[];
}>;

export interface DatasetCalls {
  /** Attaches the dataset in the runner, which is created if needed, and lists its files. `maxFiles` 0 means 100,000.
   * @throws {GradError} `dataset_*` */
  check(
    request: Readonly<{
      runner: RunnerRef;
      dataset: Dataset;
      maxFiles: number;
      /** The runner is not created where there is none. */
      existingRunner?: boolean | undefined;
    }>,
    signal: AbortSignal,
  ): Promise<DatasetCheck>;
}
