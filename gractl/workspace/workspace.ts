import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { DatasetFile } from "./dataset_file.ts";
import { invalidFiles } from "../../shared/yaml/fault.ts";
import { CONFIG_FILE, findWorkspace } from "./find_workspace.ts";
import { loadDatasets } from "./load_datasets.ts";
import { checkOwners, type Owners, ownersFor } from "./ownership.ts";
import { parseConfig } from "./parse_config.ts";
import { readWorkspaceFile } from "./read_file.ts";

/** A workspace with a valid `config.yaml`. */
export type Workspace = Readonly<{
  /** Absolute path of its folder. */
  dir: string;
  /** `ws-` and 16 of a-z0-9. */
  id: string;
  /** `local`, or the name of a context of the user. */
  grad: string;
  runner: string;
  session: string;
  /** The user's home folder, for paths that start with `~/`; without it such a path is a fault. */
  home?: string | undefined;
}>;

/**
 * Finds and reads the workspace: `explicit`, or the first of `cwd` and its parents that is a workspace or contains one as `workspace/`.
 *
 * @param start `owners` are the users whose workspaces may be used, by default only this user
 * @throws {GradError} `workspace_not_found`, `workspace_not_owned`, `invalid_file`
 */
export async function openWorkspace(
  start: {
    cwd: string;
    explicit?: string | undefined;
    home?: string | undefined;
    owners?: Owners | undefined;
  },
): Promise<Workspace> {
  const dir = await findWorkspace(start);
  await checkOwners(dir, start.owners ?? ownersFor(Deno.uid() ?? 0, {}));
  const file = join(dir, CONFIG_FILE);
  const read = await readWorkspaceFile(file, dir).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new GradError("workspace_not_found", `Cannot find "${file}": it has just been removed`, { cause });
  });
  if ("fault" in read) throw invalidFiles([read.fault]);
  const { config, faults } = parseConfig(read.bytes, file);
  if (config === undefined) throw invalidFiles(faults);
  const { workspaceId, ...settings } = config;
  return { dir, id: workspaceId, ...settings, home: start.home };
}

/**
 * Reads all dataset files, ordered by name.
 *
 * @throws {GradError} `invalid_file` with all faults of all files
 */
export async function readDatasets(workspace: Workspace): Promise<readonly DatasetFile[]> {
  const loaded = await loadDatasets(workspace);
  const faults = loaded.flatMap((each) => each.faults);
  if (faults.length > 0) throw invalidFiles(faults);
  return loaded.flatMap(({ dataset }) => dataset === undefined ? [] : [dataset]);
}
