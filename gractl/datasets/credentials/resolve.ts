import type { DatasetFile } from "../../workspace/dataset_file.ts";
import { typeOf } from "../sources/source_registry.ts";
import type { Env } from "./aws_files.ts";
import { environmentKeys } from "./environment_keys.ts";
import type { Keys } from "./keys.ts";
import { namedFileKeys } from "./named_file_keys.ts";
import { profileKeys } from "./profile_keys.ts";

export type { Keys } from "./keys.ts";

/**
 * The keys that a dataset file refers to; `undefined` where none are needed (anonymous access, or a source without keys).
 *
 * @throws {GradError} `credentials_not_found`, `credentials_failed`; neither messages nor causes contain a secret
 */
export async function resolveCredentials(dataset: DatasetFile, env: Env): Promise<Keys | undefined> {
  const ref = typeOf(dataset.source).credentials(dataset.source);
  switch (ref?.source) {
    case undefined:
    case "anonymous":
      return undefined;
    case "environment":
      return environmentKeys(dataset.name, env);
    case "profile": {
      const { profile, file } = ref;
      return file === ""
        ? await profileKeys({ dataset: dataset.name, profile }, env)
        : await namedFileKeys({ dataset: dataset.name, datasetFile: dataset.file, profile, file }, env);
    }
  }
}
