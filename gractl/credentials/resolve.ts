import type { DatasetFile } from "../workspace/dataset_file.ts";
import type { Keys } from "./keys.ts";

export type { Keys } from "./keys.ts";

/**
 * The keys that a dataset's file refers to; `undefined` where none are needed (anonymous, or a source without keys).
 *
 * @throws {GradError} `credentials_not_found`, `credentials_failed`; neither their texts nor their causes hold a secret
 */
export function resolveCredentials(
  _dataset: DatasetFile,
  _env: Readonly<Record<string, string>>,
): Promise<Keys | undefined> {
  return Promise.resolve(undefined);
}
