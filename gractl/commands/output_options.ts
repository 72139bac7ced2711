import type { Deps } from "../deps.ts";
import type { OutputFolders } from "../execution/output/output_folder.ts";

/** An option of commands that follow an execution. */
export const NO_INLINE_OPTION = [
  "--no-inline",
  "do not show plots in the terminal (kitty and iTerm2 can)",
] as const;
/** An option of every command that shows an execution. */
export const FULL_TRACEBACK_OPTION = [
  "--full-traceback",
  "show the frames of libraries in tracebacks, too",
  false,
] as const;

export const OUTPUT_DIR_OPTION = [
  "--output-dir <dir>",
  "folder for plots and files (default: outputs/<execution>/ of the workspace, to which outputs/latest leads)",
] as const;

export const FORCE_FILES_OPTION = [
  "--force",
  "replace files that are in --output-dir already",
  false,
] as const;

/** Where a command saves the files of executions. @throws {GradError} `usage`, `invalid_argument` */
export async function outputFolders(
  { cwd, ids }: Deps,
  options: Readonly<{ outputDir: string | undefined; force: boolean; workspaceDir: string | undefined }>,
): Promise<OutputFolders> {
  const { outputDir, force, workspaceDir } = options;
  const { chosenOutputs, workspaceOutputs } = await import("../execution/output/output_folder.ts");
  if (outputDir === undefined) return workspaceOutputs(workspaceDir, ids);
  return await chosenOutputs(outputDir, { cwd, workspaceDir, replace: force });
}
