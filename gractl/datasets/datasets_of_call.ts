import { GradError } from "../../shared/errors.ts";
import { invalidFiles, renderFault } from "../../shared/yaml/fault.ts";
import type { Dataset } from "../client/datasets.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import type { LoadedDataset } from "../workspace/load_datasets.ts";
import { resolveCredentials } from "./credentials/resolve.ts";
import { datasetMessage } from "./dataset_message.ts";

/** The datasets that an execution is sent with. */
export type DatasetsOfCall = Readonly<{
  datasets: readonly Dataset[];
  requiredDatasets: readonly string[];
  /** What is mounted beside them stays. */
  keepOtherDatasets: boolean;
  /** One text for each file that cannot be used. */
  warnings: readonly string[];
  /** Why the keys of a dataset are not sent, by its name. */
  missingKeys: ReadonlyMap<string, string>;
}>;

/** For --no-datasets: the mounts are left as they are. */
export const NO_DATASETS: DatasetsOfCall = {
  datasets: [],
  requiredDatasets: [],
  keepOtherDatasets: true,
  warnings: [],
  missingKeys: new Map(),
};

/**
 * All datasets of the workspace with their keys, as far as they can be used: those in `names` must, and with them nothing is detached.
 *
 * @param loaded the workspace's files
 * @throws {GradError} for one of `names`: `dataset_not_found`, `invalid_file`, `credentials_not_found`, `credentials_failed`; and what
 * `trusted` throws
 */
export async function datasetsOfCall(
  loaded: readonly LoadedDataset[],
  options: {
    names: readonly string[];
    env: Readonly<Record<string, string>>;
    /** Those that the user trusts the workspace with. */
    trusted(files: readonly DatasetFile[]): Promise<readonly DatasetFile[]>;
  },
): Promise<DatasetsOfCall> {
  const required = new Set(options.names);
  requireKnown(required, loaded.map(({ name }) => name));
  const invalid = loaded.filter(({ dataset }) => dataset === undefined);
  const faults = invalid.filter(({ name }) => required.has(name)).flatMap((each) => each.faults);
  if (faults.length > 0) throw invalidFiles(faults);
  const missingKeys = new Map<string, string>();
  const files = await options.trusted(
    loaded.flatMap(({ dataset }) => dataset === undefined ? [] : [dataset]),
  );
  const datasets = await Promise.all(files.map(async (file) => {
    try {
      return datasetMessage(file, await resolveCredentials(file, options.env));
    } catch (thrown) {
      if (!(thrown instanceof GradError) || required.has(file.name)) throw thrown;
      missingKeys.set(file.name, thrown.hint ? `${thrown.message}. ${thrown.hint}` : thrown.message);
      return withoutKeys(datasetMessage(file, undefined));
    }
  }));
  return {
    datasets,
    requiredDatasets: [...required],
    keepOtherDatasets: required.size > 0,
    warnings: invalid.map(({ name, faults: [first], file }) =>
      `The dataset ${name} is not attached: ${
        first === undefined ? `${file} is not valid` : renderFault(first)
      }`
    ),
    missingKeys,
  };
}

function requireKnown(required: ReadonlySet<string>, known: readonly string[]): void {
  for (const name of required) {
    if (known.includes(name)) continue;
    throw new GradError(
      "dataset_not_found",
      `Cannot attach the dataset ${JSON.stringify(name)}: the workspace does not have it`,
      {
        hint: known.length === 0 ? "Add it with `gractl dataset add`." : `Use one of ${known.join(", ")}.`,
      },
    );
  }
}

function withoutKeys(dataset: Dataset): Dataset {
  const { source } = dataset;
  return source.type === "s3" ? { ...dataset, source: { ...source, credentialsUnavailable: true } } : dataset;
}
