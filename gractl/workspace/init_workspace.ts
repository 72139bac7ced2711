import { dirname, join, resolve } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import { writeAtomically } from "./atomic_write.ts";
import { CONFIG_FILE, isWorkspace, workspaceAround } from "./find_workspace.ts";
import { datasetsFolder } from "./load_datasets.ts";
import { configText, EXAMPLE_DATASET, GITIGNORE } from "./templates.ts";

/** What was done: nothing where a workspace was there and `ifMissing` was asked for. */
export type Initialized = Readonly<{ dir: string; created: boolean; notes: readonly string[] }>;

/**
 * Makes a workspace of `dir`, or nothing at all: what was made is removed when a step fails. `config.yaml`, by which a workspace is
 * known, comes last, so that even a killed process leaves no half workspace.
 *
 * @throws {GradError} `workspace_exists` unless `ifMissing`, `invalid_argument`
 */
export async function initWorkspace(
  dir: string,
  options: { ids: Ids; ifMissing: boolean },
): Promise<Initialized> {
  if (await isWorkspace(dir)) {
    if (options.ifMissing) return { dir, created: false, notes: [] };
    throw exists(dir, "it is one already");
  }
  const around = await workspaceAround(dirname(resolve(dir)));
  if (around !== undefined) throw exists(dir, `it would lie in the workspace "${around}"`);

  const undo: (() => Promise<void>)[] = [];
  const notes: string[] = [];
  try {
    for (const folder of [dir, datasetsFolder(dir), join(dir, "runners")]) await makeFolder(folder, undo);
    if (!await makeFile(join(dir, ".gitignore"), GITIGNORE, { ids: options.ids, undo })) {
      notes.push("There was a .gitignore already: add /runners/ and /outputs/ to it");
    }
    await makeFile(join(datasetsFolder(dir), "example.yaml.txt"), EXAMPLE_DATASET, {
      ids: options.ids,
      undo,
    });
    const config = join(dir, CONFIG_FILE);
    if (!await makeFile(config, configText(`ws-${options.ids.random(16)}`), { ids: options.ids, undo })) {
      throw exists(dir, `it has a ${CONFIG_FILE} of something else`);
    }
    return { dir, created: true, notes };
  } catch (cause) {
    for (const step of undo.reverse()) await step();
    if (cause instanceof GradError) throw cause;
    throw cannotMake(dir, cause);
  }
}

/** Makes a folder and those above it that are missing. */
async function makeFolder(path: string, undo: (() => Promise<void>)[]): Promise<void> {
  try {
    await Deno.mkdir(path);
    // Not recursive: what somebody else has put there meanwhile stays.
    undo.push(() => Deno.remove(path).catch(() => {}));
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists && (await Deno.stat(path)).isDirectory) return;
    if (!(error instanceof Deno.errors.NotFound) || dirname(path) === path) throw error;
    await makeFolder(dirname(path), undo);
    await makeFolder(path, undo);
  }
}

/** Whether it was made: a file that is there stays as it is. */
async function makeFile(
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
  return new GradError("workspace_exists", `Cannot make a workspace of "${dir}": ${why}`, {
    hint:
      "Use the one that is there (`gractl workspace status`), or name another folder; --if-missing accepts one.",
  });
}

function cannotMake(dir: string, cause: unknown): GradError {
  const why = cause instanceof Deno.errors.AlreadyExists || cause instanceof Deno.errors.NotADirectory
    ? "a file is in its way"
    : cause instanceof Deno.errors.PermissionDenied
    ? "you may not write there"
    : cause instanceof Error
    ? cause.message
    : String(cause);
  return new GradError("invalid_argument", `Cannot make a workspace of "${dir}": ${why}`, {
    hint: "Name another folder; nothing was left behind.",
    cause,
  });
}
