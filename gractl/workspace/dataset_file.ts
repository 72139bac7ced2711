import type { CredentialsRef } from "../credentials/reference.ts";

export type Access = "read-only" | "read-write";

/** A valid file of `datasets/`. */
export type DatasetFile = Readonly<{
  /** Absolute. */
  file: string;
  name: string;
  description: string;
  access: Access;
  source:
    | Readonly<
      {
        type: "s3";
        endpoint: string;
        region: string;
        bucket: string;
        prefix: string;
        pathStyle: boolean;
        credentials: CredentialsRef;
      }
    >
    | Readonly<{ type: "directory"; path: string }>;
}>;
