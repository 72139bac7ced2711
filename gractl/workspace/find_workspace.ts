import { basename, dirname, join, resolve } from "node:path";
import { shellCommand } from "../../shared/shell_quote.ts";
import { GradError } from "../../shared/errors.ts";
import { MAX_BYTES, readStart } from "../../shared/yaml/read_start.ts";

export const CONFIG_FILE = "config.yaml";

/** Recognises a `config.yaml` of gractl, also a malformed one; other programs have files of the same name. */
const WORKSPACE_CONFIG =
  /^[ \t]*["']?kind["']?[ \t]*:[ \t]*["']?workspace\b|gractl\/v\d|^[ \t]*["']?workspaceId["']?[ \t]*:/im;
/** `workspace init` writes it: beside it, any `config.yaml` is meant as that of the workspace. */
const EXAMPLE = join("datasets", "example.yaml.txt");

/** Whether the folder is a workspace, with a valid or an invalid `config.yaml`. */
export async function isWorkspace(dir: string): Promise<boolean> {
  const file = join(dir, CONFIG_FILE);
  try {
    const bytes = await readStart(file, MAX_BYTES);
    if (bytes === undefined) return false;
    if (WORKSPACE_CONFIG.test(new TextDecoder().decode(bytes))) return true;
    return (await Deno.lstat(join(dir, EXAMPLE))).isFile;
  } catch {
    // It is missing, not a folder or not readable: none of these can be used as a workspace.
    return false;
  }
}

/** The nearest workspace that contains `dir`, which may be `dir` itself. */
export async function workspaceAround(dir: string): Promise<string | undefined> {
  if (await isWorkspace(dir)) return dir;
  return dirname(dir) === dir ? undefined : await workspaceAround(dirname(dir));
}

/** Folders of a workspace whose contents come from runners: whatever looks like a workspace in them was written by code. */
const WRITTEN_BY_CODE: ReadonlySet<string> = new Set(["outputs", "runners"]);

/** Whether `dir` is at or below `outputs/` or `runners/` of a workspace. */
async function isWrittenByCode(dir: string): Promise<boolean> {
  const parent = dirname(dir);
  if (parent === dir) return false;
  if (WRITTEN_BY_CODE.has(basename(dir)) && await isWorkspace(parent)) return true;
  return await isWrittenByCode(parent);
}

/**
 * The folder of the workspace: `explicit`, or the first of `cwd` and its parents that is a workspace or contains one as `workspace/`.
 * A workspace below another one's `outputs/` or `runners/` is passed over, since code may have written it.
 *
 * @throws {GradError} `workspace_not_found`
 */
export async function findWorkspace(
  { cwd, explicit }: { cwd: string; explicit?: string | undefined },
): Promise<string> {
  if (explicit !== undefined) return await explicitWorkspace(resolve(cwd, explicit));
  for (let dir = resolve(cwd);; dir = dirname(dir)) {
    for (const candidate of [dir, join(dir, "workspace")]) {
      if (await isWorkspace(candidate) && !await isWrittenByCode(candidate)) return candidate;
    }
    if (dirname(dir) === dir) break;
  }
  throw new GradError(
    "workspace_not_found",
    `Cannot find a workspace: neither "${cwd}" nor a parent folder is or contains one`,
    {
      hint: "Run `gractl workspace init`, or name a workspace with `--workspace DIR` or GRACTL_WORKSPACE.",
    },
  );
}

async function explicitWorkspace(dir: string): Promise<string> {
  // Any config.yaml counts, so that faults in it are reported.
  const found = await Deno.stat(join(dir, CONFIG_FILE)).then(({ isFile }) => isFile, () => false);
  if (found) return dir;
  const below = basename(dir) !== "workspace" && await isWorkspace(join(dir, "workspace"));
  throw new GradError(
    "workspace_not_found",
    `Cannot use "${dir}" as the workspace: it has no ${CONFIG_FILE}`,
    {
      hint: below
        ? `Use "${join(dir, "workspace")}".`
        : `Run ${shellCommand`gractl workspace init ${dir}`}, or use another folder.`,
    },
  );
}
