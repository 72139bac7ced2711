import { GradError } from "../../shared/errors.ts";
import type { Dataset } from "../client/datasets.ts";
import { resolveCredentials } from "./credentials/resolve.ts";
import { datasetMessage } from "./dataset_message.ts";
import { readDatasets, type Workspace } from "../workspace/workspace.ts";

export type DatasetsToSend = Readonly<{
  datasets: readonly Dataset[];
  required: readonly string[];
  /** One text for each dataset that is not sent, because its keys are not available and it is not required. */
  warnings: readonly string[];
}>;

/**
 * All datasets of the workspace with their keys. Required are those in `names`, or all where it is empty.
 *
 * @throws {GradError} `invalid_file`, `dataset_not_found`, `credentials_not_found`, `credentials_failed`
 */
export async function datasetsToSend(
  workspace: Workspace,
  options: { names: readonly string[]; env: Readonly<Record<string, string>> },
): Promise<DatasetsToSend> {
  const files = await readDatasets(workspace);
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
