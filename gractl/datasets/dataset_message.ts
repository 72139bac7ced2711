import type { Dataset, S3Credentials } from "../client/datasets.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import { typeOf } from "./sources/source_registry.ts";

/** The dataset as a message for grad; `keys` come from `resolveCredentials`. */
export function datasetMessage(dataset: DatasetFile, keys: S3Credentials | undefined): Dataset {
  const { name, description, access, source } = dataset;
  return { name, description, access, source: typeOf(source).toMessage(source, keys) };
}
