import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { CONFIG_FILE } from "./find_workspace.ts";
import { datasetsFolder } from "./load_datasets.ts";

/** The users whose workspaces this user may use. */
export type Owners = ReadonlySet<number>;

/** Whose files they are is looked at before anything in them is used. */
type Info = Readonly<{ uid: number | null }>;

/**
 * The user, and under sudo also the user who called it, as git has it for safe.directory. Files of root are not for everybody: what a
 * plain user runs must be what this user, or nobody else, has written.
 */
export function ownersFor(uid: number, env: Readonly<Record<string, string>>): Owners {
  const caller = /^\d{1,10}$/.test(env["SUDO_UID"] ?? "") ? [Number(env["SUDO_UID"])] : [];
  return new Set([uid, ...(uid === 0 ? caller : [])]);
}

/**
 * Refuses a workspace that another user has made: in a folder that several users can write to, such as /tmp, anybody can place one
 * where gractl finds it. Checked are the folder, config.yaml, datasets/ and the files in it, links and their targets.
 *
 * @throws {GradError} `workspace_not_owned`
 */
export async function checkOwners(dir: string, owners: Owners): Promise<void> {
  const paths = [dir, join(dir, CONFIG_FILE), datasetsFolder(dir), ...await datasetFiles(dir)];
  for (const path of paths) {
    for (const look of [Deno.lstat, Deno.stat]) {
      const info: Info | undefined = await look(path).catch(() => undefined);
      // What does not exist belongs to nobody.
      if (info === undefined || (info.uid !== null && owners.has(info.uid))) continue;
      throw notOwned(dir, path, info.uid);
    }
  }
}

async function datasetFiles(dir: string): Promise<readonly string[]> {
  const files: string[] = [];
  try {
    for await (const { name } of Deno.readDir(datasetsFolder(dir))) {
      if (/\.ya?ml$/i.test(name)) files.push(join(datasetsFolder(dir), name));
    }
  } catch {
    // A missing folder has no files; another fault of it is reported when the datasets are read.
  }
  return files;
}

function notOwned(dir: string, path: string, uid: number | null): GradError {
  const what = path === dir ? "it" : JSON.stringify(path);
  return new GradError(
    "workspace_not_owned",
    `Cannot use the workspace "${dir}": ${what} belongs to ${
      uid === null ? "an unknown user" : `user ${uid}`
    }`,
    { hint: "Use a workspace of your own, such as a copy: name it with `--workspace DIR`." },
  );
}
