import { dirname, resolve } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import { ConfinedFolder } from "../confined/confined_folder.ts";
import { type Destination, removeDestination, writeDestination } from "../confined/destination.ts";
import { CONFIG_FILE, isWorkspace, workspaceAround } from "./find_workspace.ts";
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

  const undo: Undo = [];
  const notes: string[] = [];
  try {
    await createFolder(dir, undo);
    for (const name of ["datasets", "runners"]) createFolderIn(dir, name, undo);
    const create = (path: Destination["path"], text: string) =>
      createFile({ root: dir, path }, text, { ids: options.ids, undo });
    if (!create([".gitignore"], GITIGNORE)) {
      notes.push("The folder has a .gitignore already: add /runners/ and /outputs/ to it");
    }
    create(["datasets", "example.yaml.txt"], EXAMPLE_DATASET);
    if (!create([CONFIG_FILE], configText(`ws-${options.ids.random(16)}`))) {
      throw exists(dir, `it has a ${CONFIG_FILE} of another program`);
    }
    return { dir, created: true, notes };
  } catch (cause) {
    for (const step of undo.reverse()) await Promise.try(step).catch(() => {});
    if (cause instanceof GradError) throw cause;
    throw cannotCreate(dir, cause);
  }
}

type Undo = (() => void | Promise<void>)[];

/** Creates a folder and its missing parents. */
async function createFolder(path: string, undo: Undo): Promise<void> {
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

/** Creates a folder in the workspace. A link in its place, which a clone may have brought, is an error. */
function createFolderIn(dir: string, name: string, undo: Undo): void {
  using root = ConfinedFolder.open(dir);
  try {
    root.makeFolder(name);
    undo.push(() => {
      using root = ConfinedFolder.open(dir);
      root.removeEmptyFolder(name);
    });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists && root.info(name)?.isDirectory()) return;
    throw error;
  }
}

/** Creates a file. Returns false, and leaves the file unchanged, where it exists. */
function createFile(to: Destination, text: string, { ids, undo }: { ids: Ids; undo: Undo }): boolean {
  try {
    writeDestination(to, text, { ids, exclusive: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  undo.push(() => removeDestination(to));
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
