import { basename, join } from "node:path";
import { NAME, suggestName } from "../../shared/names.ts";
import { type Fault, invalidFiles } from "../../shared/yaml/fault.ts";
import { parseDataset, type ParsedDataset } from "./parse_dataset.ts";
import { readWorkspaceFile } from "./read_file.ts";

export type LoadedDataset = ParsedDataset & Readonly<{ file: string; name: string }>;

/** The part of a workspace that is needed to read its datasets. */
export type DatasetsFolder = Readonly<{ dir: string; home?: string | undefined }>;

export function datasetsFolder(dir: string): string {
  return join(dir, "datasets");
}

export function datasetPath(dir: string, name: string): string {
  return join(datasetsFolder(dir), `${name}.yaml`);
}

/** All dataset files of a workspace by name, each with its dataset or its faults. A missing folder counts as empty. */
export async function loadDatasets(workspace: DatasetsFolder): Promise<readonly LoadedDataset[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(datasetsFolder(workspace.dir))) {
      // Names that start with "." are temporary files of editors and of gractl.
      if (/\.ya?ml$/i.test(name) && !name.startsWith(".")) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw unreadableFolder(datasetsFolder(workspace.dir), error);
    }
  }
  const loaded = await Promise.all(
    names.sort().map((name) => loadDataset(workspace, join(datasetsFolder(workspace.dir), name))),
  );
  return loaded.flatMap((each) => each === undefined ? [] : [each]);
}

/** Reads one dataset file; `undefined` where it does not exist. */
export async function loadDataset(
  workspace: DatasetsFolder,
  file: string,
): Promise<LoadedDataset | undefined> {
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

/** A file in the folder's place, a folder without rights, a link that leads to itself. */
function unreadableFolder(file: string, error: unknown): unknown {
  const code = (error as { code?: string } | null)?.code;
  const message = error instanceof Deno.errors.NotADirectory || code === "ENOTDIR"
    ? "is not a folder; replace it with a folder"
    : error instanceof Deno.errors.FilesystemLoop || code === "ELOOP"
    ? "is a link that leads to itself; replace it with a folder"
    : error instanceof Deno.errors.PermissionDenied || code === "EACCES"
    ? "is not readable; make it readable for your user"
    : undefined;
  return message === undefined ? error : invalidFiles([{ file, line: 1, column: 1, key: "", message }]);
}

function fileNameFault(file: string): Fault | undefined {
  const fault = (message: string): Fault => ({ file, line: 1, column: 1, key: "", message });
  const [, stem = "", ending] = /^(.*)\.(ya?ml)$/i.exec(basename(file)) ?? [];
  if (ending === "yaml" && NAME.test(stem)) return undefined;
  return fault(
    `is not named like a dataset; rename the file to ${suggestName(stem, "dataset")}.yaml`,
  );
}
