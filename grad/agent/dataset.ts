/** Datasets travel with the calls that need them and stay with the data component: grad keeps, logs and stores none of it. */

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
  /** Absent means anonymous. */
  credentials?: S3Credentials | undefined;
}

export interface Dataset {
  name: string;
  description: string;
  /** Read-only 1 (and 0), read-write 2. */
  access: -1 | 0 | 1 | 2;
  source?: { $case: "s3"; value: S3Source } | { $case: "directory"; value: { path: string } } | undefined;
}

export interface AttachedDataset {
  name: string;
  /** Mounting 1, mounted 2, failed 3. */
  state: -1 | 0 | 1 | 2 | 3;
  errorCode: string;
  errorMessage: string;
  errorHint: string;
  path: string;
}

export const ATTACHED = { mounting: 1, mounted: 2, failed: 3 } as const;

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
