import { basename, join } from "node:path";
import { NAME, suggestName } from "../../shared/names.ts";
import type { Fault } from "./fault.ts";
import { parseDataset, type ParsedDataset } from "./parse_dataset.ts";
import { readWorkspaceFile } from "./read_file.ts";

export type LoadedDataset = ParsedDataset & Readonly<{ file: string; name: string }>;

/** What of a workspace is needed to read its datasets. */
export type DatasetsOf = Readonly<{ dir: string; home?: string | undefined }>;

export function datasetsFolder(dir: string): string {
  return join(dir, "datasets");
}

export function datasetPath(dir: string, name: string): string {
  return join(datasetsFolder(dir), `${name}.yaml`);
}

/** Every dataset file of a workspace with the dataset or its faults, in order of name. A missing folder means none. */
export async function loadDatasets(workspace: DatasetsOf): Promise<readonly LoadedDataset[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(datasetsFolder(workspace.dir))) {
      // What begins with "." is an editor's or our own temporary file.
      if (/\.ya?ml$/i.test(name) && !name.startsWith(".")) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const loaded = await Promise.all(
    names.sort().map((name) => loadDataset(workspace, join(datasetsFolder(workspace.dir), name))),
  );
  return loaded.flatMap((each) => each === undefined ? [] : [each]);
}

/** One file; `undefined` where there is none. */
export async function loadDataset(workspace: DatasetsOf, file: string): Promise<LoadedDataset | undefined> {
  const name = basename(file).replace(/\.ya?ml$/i, "");
  const misnamed = fileNameFault(file);
  if (misnamed !== undefined) return { dataset: undefined, faults: [misnamed], file, name };
  try {
    const read = await readWorkspaceFile(file, workspace.dir);
    if ("fault" in read) return { dataset: undefined, faults: [read.fault], file, name };
    return { ...await parseDataset(read.bytes, { file, home: workspace.home }), file, name };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function fileNameFault(file: string): Fault | undefined {
  const fault = (message: string): Fault => ({ file, line: 1, column: 1, key: "", message });
  const [, stem = "", ending] = /^(.*)\.(ya?ml)$/i.exec(basename(file)) ?? [];
  if (ending === "yaml" && NAME.test(stem)) return undefined;
  return fault(
    `does not have a dataset's name for its file; rename it to ${suggestName(stem, "dataset")}.yaml`,
  );
}
