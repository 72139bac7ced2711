import { GradError } from "../../shared/errors.ts";
import type { DatasetFile } from "./dataset_file.ts";

/** A workspace that was found and whose `config.yaml` is valid. */
export type Workspace = Readonly<{
  /** Absolute. */
  dir: string;
  /** `ws-` and 16 of a-z0-9. */
  id: string;
  /** `local` or `unix:/path`. */
  grad: string;
  runner: string;
  session: string;
  /** The user's home, for paths that begin with `~/`; without it such a path is a fault. */
  home?: string | undefined;
}>;

/**
 * Finds the workspace: `explicit`, or from `cwd` upward the first folder that is one or has one as `workspace/`.
 *
 * @throws {GradError} `workspace_not_found`, `invalid_file`
 */
export function openWorkspace(
  _start: { cwd: string; explicit?: string | undefined; home?: string | undefined },
): Promise<Workspace> {
  return Promise.reject(new GradError("workspace_not_found", "Not written yet"));
}

/**
 * Reads every file of `datasets/`, in order of name.
 *
 * @throws {GradError} `invalid_file` with all faults of all files
 */
export function readDatasets(_workspace: Workspace): Promise<readonly DatasetFile[]> {
  return Promise.resolve([]);
}
