/** Datasets travel with the calls that need them and stay in the data component: grad neither stores nor logs them. */

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiresAtSeconds: bigint;
}

export interface S3Source {
  endpoint: string;
  region: string;
  bucket: string;
  prefix: string;
  pathStyle: boolean;
  /** Absent means anonymous, unless the caller does not have them at hand. */
  credentials?: S3Credentials | undefined;
  credentialsUnavailable: boolean;
}

export interface Dataset {
  name: string;
  description: string;
  access: "read-only" | "read-write";
  source?: { $case: "s3"; value: S3Source } | { $case: "directory"; value: { path: string } } | undefined;
}

/** `unspecified` is a state that this version does not know, from a newer data component. */
export type AttachState = "unspecified" | "mounting" | "mounted" | "failed";

export interface AttachedDataset {
  name: string;
  state: AttachState;
  /** Empty unless `state` is `failed`, like the two that follow. */
  errorCode: string;
  errorMessage: string;
  errorHint: string;
  path: string;
}

export interface Table {
  path: string;
  files: bigint;
  rows: bigint;
  columns: { name: string; type: string }[];
}

export interface DatasetCheck {
  attached?: AttachedDataset | undefined;
  files: bigint;
  bytes: bigint;
  truncated: boolean;
  tables: Table[];
  samplePaths: string[];
}
