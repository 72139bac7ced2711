import { basename, dirname, join, resolve } from "node:path";
import { GradError } from "../../shared/errors.ts";

export const CONFIG_FILE = "config.yaml";

/** A `config.yaml` that is meant as ours, even where it is malformed; other programs have files of this name. */
const OURS = /^\s*["']?kind["']?\s*:\s*["']?workspace\b|gractl\/v\d/im;

/** Whether the folder is a workspace, valid or not. */
export async function isWorkspace(dir: string): Promise<boolean> {
  const file = join(dir, CONFIG_FILE);
  try {
    const { isFile, size } = await Deno.stat(file);
    return isFile && size <= 1024 * 1024 && OURS.test(await Deno.readTextFile(file));
  } catch {
    // Not there, no folder, not ours to read: in each case not a workspace that could be used.
    return false;
  }
}

/** The nearest folder that is a workspace, `dir` itself or one above it. */
export async function workspaceAround(dir: string): Promise<string | undefined> {
  if (await isWorkspace(dir)) return dir;
  return dirname(dir) === dir ? undefined : await workspaceAround(dirname(dir));
}

/**
 * The workspace's folder: `explicit`, or from `cwd` upward the first folder that is one or has one as `workspace/`.
 *
 * @throws {GradError} `workspace_not_found`
 */
export async function findWorkspace(
  { cwd, explicit }: { cwd: string; explicit?: string | undefined },
): Promise<string> {
  if (explicit !== undefined) return await explicitWorkspace(resolve(cwd, explicit));
  for (let dir = resolve(cwd);; dir = dirname(dir)) {
    if (await isWorkspace(dir)) return dir;
    const below = join(dir, "workspace");
    if (await isWorkspace(below)) return below;
    if (dirname(dir) === dir) break;
  }
  throw new GradError(
    "workspace_not_found",
    `Cannot find a workspace: neither "${cwd}" nor a folder above it has one`,
    {
      hint: "Run `gractl workspace init`, or name one with `--workspace DIR` or GRACTL_WORKSPACE.",
    },
  );
}

async function explicitWorkspace(dir: string): Promise<string> {
  // What the user names is meant: a malformed file in it is to be told, not passed over.
  const found = await Deno.stat(join(dir, CONFIG_FILE)).then(({ isFile }) => isFile, () => false);
  if (found) return dir;
  const below = basename(dir) !== "workspace" && await isWorkspace(join(dir, "workspace"));
  throw new GradError(
    "workspace_not_found",
    `Cannot use "${dir}" as the workspace: it has no ${CONFIG_FILE}`,
    {
      hint: below
        ? `Name "${join(dir, "workspace")}", which is one.`
        : `Run \`gractl workspace init ${dir}\`, or name another folder.`,
    },
  );
}
