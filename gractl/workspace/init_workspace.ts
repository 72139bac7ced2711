import { dirname, join, resolve } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import { writeAtomically } from "./atomic_write.ts";
import { CONFIG_FILE, isWorkspace, workspaceAround } from "./find_workspace.ts";
import { datasetsFolder } from "./load_datasets.ts";
import { configText, EXAMPLE_DATASET, GITIGNORE } from "./templates.ts";

/** `created` is false where the workspace existed already and `ifMissing` was set; `notes` are for the user. */
export type Initialized = Readonly<{ dir: string; created: boolean; notes: readonly string[] }>;

/**
 * Creates a workspace in `dir`. If a step fails, everything that was created is removed. `config.yaml`, which makes a folder a
 * workspace, is written last, so that a killed process leaves no incomplete workspace.
 *
 * @throws {GradError} `workspace_exists` unless `ifMissing`, `invalid_argument`
 */
export async function initWorkspace(
  dir: string,
  options: { ids: Ids; ifMissing: boolean },
): Promise<Initialized> {
  if (await isWorkspace(dir)) {
    if (options.ifMissing) return { dir, created: false, notes: [] };
    throw exists(dir, "it is a workspace already");
  }
  const around = await workspaceAround(dirname(resolve(dir)));
  if (around !== undefined) throw exists(dir, `it is inside the workspace "${around}"`);

  const undo: (() => Promise<void>)[] = [];
  const notes: string[] = [];
  try {
    for (const folder of [dir, datasetsFolder(dir), join(dir, "runners")]) await createFolder(folder, undo);
    if (!await createFile(join(dir, ".gitignore"), GITIGNORE, { ids: options.ids, undo })) {
      notes.push("The folder has a .gitignore already: add /runners/ and /outputs/ to it");
    }
    await createFile(join(datasetsFolder(dir), "example.yaml.txt"), EXAMPLE_DATASET, {
      ids: options.ids,
      undo,
    });
    const config = join(dir, CONFIG_FILE);
    if (!await createFile(config, configText(`ws-${options.ids.random(16)}`), { ids: options.ids, undo })) {
      throw exists(dir, `it has a ${CONFIG_FILE} of another program`);
    }
    return { dir, created: true, notes };
  } catch (cause) {
    for (const step of undo.reverse()) await step();
    if (cause instanceof GradError) throw cause;
    throw cannotCreate(dir, cause);
  }
}

/** Creates a folder and its missing parents. */
async function createFolder(path: string, undo: (() => Promise<void>)[]): Promise<void> {
  try {
    await Deno.mkdir(path);
    // Not recursive: files that another program has created in it are not deleted.
    undo.push(() => Deno.remove(path).catch(() => {}));
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists && (await Deno.stat(path)).isDirectory) return;
    if (!(error instanceof Deno.errors.NotFound) || dirname(path) === path) throw error;
    await createFolder(dirname(path), undo);
    await createFolder(path, undo);
  }
}

/** Creates a file. Returns false, and leaves the file unchanged, where it exists. */
async function createFile(
  path: string,
  text: string,
  { ids, undo }: { ids: Ids; undo: (() => Promise<void>)[] },
): Promise<boolean> {
  try {
    await writeAtomically(path, text, { ids, exclusive: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  undo.push(() => Deno.remove(path).catch(() => {}));
  return true;
}

function exists(dir: string, why: string): GradError {
  return new GradError("workspace_exists", `Cannot create a workspace in "${dir}": ${why}`, {
    hint:
      "Use the existing one (`gractl workspace status` shows it) or another folder; --if-missing accepts an existing one.",
  });
}

function cannotCreate(dir: string, cause: unknown): GradError {
  const why = cause instanceof Deno.errors.AlreadyExists || cause instanceof Deno.errors.NotADirectory
    ? "a file of this name exists"
    : cause instanceof Deno.errors.PermissionDenied
    ? "permission denied"
    : cause instanceof Error
    ? cause.message
    : String(cause);
  return new GradError("invalid_argument", `Cannot create a workspace in "${dir}": ${why}`, {
    hint: "Use another folder; nothing was created.",
    cause,
  });
}
