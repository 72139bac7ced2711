import type { Keys } from "../credentials/keys.ts";
import type { DatasetFile } from "./dataset_file.ts";

/**
 * `grad.v1.Dataset`, by shape: the generated type may be imported in `client/` only, which assigns this to it, so that the compiler
 * compares the two.
 */
export type WireDataset = {
  name: string;
  description: string;
  /** ACCESS_READ_ONLY, ACCESS_READ_WRITE. */
  access: 1 | 2;
  source:
    | {
      $case: "s3";
      value: {
        endpoint: string;
        region: string;
        bucket: string;
        prefix: string;
        pathStyle: boolean;
        credentials?:
          | { accessKeyId: string; secretAccessKey: string; sessionToken: string; expiresAtSeconds: bigint }
          | undefined;
      };
    }
    | { $case: "directory"; value: { path: string } };
};

/** The message that grad is sent; `keys` as `resolveCredentials` gave them. */
export function toWire(dataset: DatasetFile, keys: Keys | undefined): WireDataset {
  const { name, description, access, source } = dataset;
  const common = { name, description, access: access === "read-only" ? 1 : 2 } as const;
  if (source.type === "directory") {
    return { ...common, source: { $case: "directory", value: { path: source.path } } };
  }
  const { endpoint, region, bucket, prefix, pathStyle } = source;
  const credentials = keys && { ...keys, expiresAtSeconds: BigInt(keys.expiresAtSeconds) };
  return {
    ...common,
    source: { $case: "s3", value: { endpoint, region, bucket, prefix, pathStyle, credentials } },
  };
}
