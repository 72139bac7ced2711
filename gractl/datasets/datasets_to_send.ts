import { GradError } from "../../shared/errors.ts";
import type { Dataset } from "../client/datasets.ts";
import { resolveCredentials } from "./credentials/resolve.ts";
import { datasetMessage } from "./dataset_message.ts";
import { readDatasets, type Workspace } from "../workspace/workspace.ts";

export type DatasetsToSend = Readonly<{
  datasets: readonly Dataset[];
  required: readonly string[];
  /** Datasets that are left out, since their keys are not to be had and nobody asked for them. */
  warnings: readonly string[];
}>;

/**
 * Every dataset of the workspace with its keys. All are required, or only `wanted` where that names any.
 *
 * @throws {GradError} `invalid_file`, `dataset_not_found`, `credentials_not_found`, `credentials_failed`
 */
export async function datasetsToSend(
  workspace: Workspace,
  options: { wanted: readonly string[]; env: Readonly<Record<string, string>> },
): Promise<DatasetsToSend> {
  const files = await readDatasets(workspace);
  const names = files.map(({ name }) => name);
  for (const name of options.wanted) {
    if (names.includes(name)) continue;
    throw new GradError(
      "dataset_not_found",
      `Cannot attach ${JSON.stringify(name)}: no such dataset is described`,
      {
        hint: names.length === 0
          ? "Describe one with `gractl dataset add`."
          : `The workspace has ${names.join(", ")}.`,
      },
    );
  }
  const required = new Set(options.wanted.length > 0 ? options.wanted : names);
  const warnings: string[] = [];
  const datasets = await Promise.all(files.map(async (file) => {
    try {
      return [datasetMessage(file, await resolveCredentials(file, options.env))];
    } catch (thrown) {
      if (!(thrown instanceof GradError) || required.has(file.name)) throw thrown;
      warnings.push(`The dataset ${file.name} is left out: ${thrown.message}`);
      return [];
    }
  }));
  return { datasets: datasets.flat(), required: [...required], warnings };
}
