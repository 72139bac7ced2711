import { join, relative, resolve, sep } from "node:path";
import type { Ids } from "../../../shared/ids.ts";
import { GradError } from "../../../shared/errors.ts";
import { pointLink } from "../../confined/point_link.ts";

/** Where the files of one execution are saved on this machine. */
export type OutputFolder = Readonly<{
  /** A folder that exists and that the user chose: links in its path are followed. */
  root: string;
  /** The path below it, whose folders are created: no link in it is followed. */
  path: readonly string[];
  /** Whether a file of the same name is replaced; otherwise only one with the same content counts as saved. */
  replace: boolean;
  /** Why a file is not saved at this path below the folder; `undefined` where it is. */
  refusal(path: readonly string[]): string | undefined;
  /** Called after the first file was saved. */
  onSaved(): void;
}>;

/** The folder of an execution; `undefined` where its files are not saved. */
export type OutputFolders = (executionId: string) => OutputFolder | undefined;

/** The name beside the folders of executions that leads to the one which was saved last. */
const LATEST = "latest";

/** `outputs/<execution>` of the workspace, and `outputs/latest`, a link to it. */
export function workspaceOutputs(workspaceDir: string | undefined, ids: Ids): OutputFolders {
  return (executionId) => {
    if (workspaceDir === undefined) return undefined;
    return {
      root: workspaceDir,
      path: ["outputs", executionId],
      replace: true,
      refusal: () => undefined,
      onSaved: () => pointLink({ root: workspaceDir, path: ["outputs", LATEST] }, executionId, { ids }),
    };
  };
}

/**
 * The folder of `--output-dir`, which is created. Files are saved in it directly, whichever execution they are of.
 *
 * @throws {GradError} `usage` where it is in the workspace, but not below its `outputs/`, where no file of the workspace's own can be
 * replaced; `invalid_argument` where it is no folder
 */
export async function chosenOutputs(
  dir: string,
  options: Readonly<{ cwd: string; workspaceDir: string | undefined; replace: boolean }>,
): Promise<OutputFolders> {
  const { workspaceDir, replace } = options;
  const chosen = resolve(options.cwd, dir);
  const workspace = workspaceDir && await Deno.realPath(workspaceDir);
  // As it is written: below the workspace a clone may have brought links, through which nothing is created or saved.
  let inside = below(workspaceDir, chosen) ?? below(workspace, chosen);
  let real = chosen;
  if (inside === undefined) {
    real = await makeFolder(chosen, dir);
    inside = below(workspace, real);
  }
  if (inside !== undefined && inside[0] !== "outputs") {
    throw new GradError("usage", `Cannot save files in "${dir}": it is in the workspace`, {
      hint: "Use a folder below its outputs/, or one outside of it.",
    });
  }
  const target = inside === undefined ? { root: real, path: [] } : { root: workspace!, path: inside };
  const reserved = workspace === undefined ? undefined : below(real, workspace);
  const folder: OutputFolder = {
    ...target,
    replace,
    refusal: (path) => {
      if (reserved === undefined || !startsWith(path, reserved)) return undefined;
      return "it would be a file of the workspace itself";
    },
    onSaved: () => {},
  };
  return () => folder;
}

/** @throws {GradError} `invalid_argument`; `shown` is the path as the user wrote it */
async function makeFolder(path: string, shown: string): Promise<string> {
  try {
    await Deno.mkdir(path, { recursive: true });
    return await Deno.realPath(path);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.AlreadyExists || thrown instanceof Deno.errors.NotADirectory)) {
      throw thrown;
    }
    throw new GradError("invalid_argument", `Cannot save files in "${shown}": it is no folder`, {
      hint: "Name a folder with `--output-dir`.",
    });
  }
}

/** The parts of `path` below `folder`; `undefined` where it is not the folder or in it. */
function below(folder: string | undefined, path: string): string[] | undefined {
  if (folder === undefined) return undefined;
  const parts = relative(folder, path).split(sep).filter((part) => part !== "");
  return parts[0] === ".." ? undefined : parts;
}

/** Some file systems ignore case. */
function startsWith(path: readonly string[], begin: readonly string[]): boolean {
  return begin.every((part, at) =>
    path[at]?.normalize("NFC").toLowerCase() === part.normalize("NFC").toLowerCase()
  );
}

/** The absolute path of a file in the folder. */
export function pathIn({ root, path }: OutputFolder, inner: readonly string[]): string {
  return join(root, ...path, ...inner);
}
