import type { AttachedDataset, RunnerRef } from "./runners.ts";

/** Keys of S3; an empty session token means long-lived ones, 0 seconds that no expiry is known. */
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
  /** `undefined` means anonymous. */
  credentials: S3Credentials | undefined;
}>;

/** A folder of grad's machine. */
export type DirectorySource = Readonly<{ type: "directory"; path: string }>;

/** A dataset as it travels with the calls that need it. */
export type Dataset = Readonly<{
  name: string;
  description: string;
  access: "read-only" | "read-write";
  source: S3Source | DirectorySource;
}>;

export type Column = Readonly<{ name: string; type: string }>;

/** Parquet files with the same columns; `path` is one file or a glob, below the mount. */
export type Table = Readonly<{ path: string; files: number; rows: number; columns: readonly Column[] }>;

export type DatasetCheck = Readonly<{
  attached: AttachedDataset;
  files: number;
  bytes: number;
  /** The listing stopped at `maxFiles`: files and bytes are lower bounds. */
  truncated: boolean;
  tables: readonly Table[];
  samplePaths: readonly string[];
}>;

export interface DatasetCalls {
  /** Attaches the dataset, making the runner if there is none, and really lists it; `maxFiles` 0 means 100,000.
   * @throws {GradError} `dataset_*` */
  check(
    request: { runner: RunnerRef; dataset: Dataset; maxFiles: number },
    signal: AbortSignal,
  ): Promise<DatasetCheck>;
}
