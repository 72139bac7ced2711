import { basename } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import { removeDestination } from "../confined/destination.ts";
import type { DatasetFile } from "./dataset_file.ts";
import { invalidFiles } from "../../shared/yaml/fault.ts";
import { datasetPath, loadDataset, loadDatasets } from "./load_datasets.ts";
import { nearest } from "../../shared/yaml/nearest.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Reads the file of one dataset; faults in other files are ignored.
 *
 * @throws {GradError} `invalid_name`, `dataset_not_found`, `invalid_file`
 */
export async function readOneDataset(workspace: Workspace, name: string): Promise<DatasetFile> {
  const loaded = await loadDataset(workspace, datasetPath(workspace.dir, checkName("dataset", name)));
  if (loaded === undefined) throw await datasetNotFound(workspace, name);
  if (loaded.dataset === undefined) throw invalidFiles(loaded.faults);
  return loaded.dataset;
}

export async function datasetNotFound(workspace: Workspace, name: string): Promise<GradError> {
  const known = (await loadDatasets(workspace)).map((each) => each.name);
  const suggestion = nearest(name, known);
  const hint = suggestion !== undefined
    ? `Did you mean "${suggestion}"?`
    : known.length === 0
    ? "Add one with `gractl dataset add NAME s3://BUCKET/PREFIX`; the workspace has none yet."
    : `Use one of ${known.slice(0, 20).join(", ")}.`;
  return new GradError("dataset_not_found", `Cannot find the dataset "${name}" in "${workspace.dir}"`, {
    hint,
  });
}

/** Removes the file of a dataset, also an invalid one, and returns its path. @throws {GradError} `invalid_name`, `dataset_not_found` */
export async function removeDataset(workspace: Workspace, name: string): Promise<string> {
  const file = datasetPath(workspace.dir, checkName("dataset", name));
  try {
    if ((await Deno.lstat(file)).isDirectory) throw await datasetNotFound(workspace, name);
    removeDestination({ root: workspace.dir, path: ["datasets", basename(file)] });
    return file;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw await datasetNotFound(workspace, name);
    throw error;
  }
}
