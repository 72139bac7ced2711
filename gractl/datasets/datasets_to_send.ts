import { GradError } from "../../shared/errors.ts";
import type { Dataset } from "../client/datasets.ts";
import { resolveCredentials } from "./credentials/resolve.ts";
import { datasetMessage } from "./dataset_message.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";

export type DatasetsToSend = Readonly<{
  datasets: readonly Dataset[];
  required: readonly string[];
  /** One text for each dataset that is not sent, because its keys are not available and it is not required. */
  warnings: readonly string[];
}>;

/**
 * All datasets of the workspace with their keys. Required are those in `names`, or all where it is empty.
 *
 * @param files what the user trusts the workspace with
 * @throws {GradError} `dataset_not_found`, `credentials_not_found`, `credentials_failed`
 */
export async function datasetsToSend(
  files: readonly DatasetFile[],
  options: { names: readonly string[]; env: Readonly<Record<string, string>> },
): Promise<DatasetsToSend> {
  const known = files.map(({ name }) => name);
  for (const name of options.names) {
    if (known.includes(name)) continue;
    throw new GradError(
      "dataset_not_found",
      `Cannot attach the dataset ${JSON.stringify(name)}: the workspace does not have it`,
      {
        hint: known.length === 0 ? "Add it with `gractl dataset add`." : `Use one of ${known.join(", ")}.`,
      },
    );
  }
  const required = new Set(options.names.length > 0 ? options.names : known);
  const warnings: string[] = [];
  const datasets = await Promise.all(files.map(async (file) => {
    try {
      return [datasetMessage(file, await resolveCredentials(file, options.env))];
    } catch (thrown) {
      if (!(thrown instanceof GradError) || required.has(file.name)) throw thrown;
      warnings.push(`The dataset ${file.name} is not attached: ${thrown.message}`);
      return [];
    }
  }));
  return { datasets: datasets.flat(), required: [...required], warnings };
}
