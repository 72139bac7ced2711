import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { configFolder, type Env } from "../../shared/local_paths.ts";
import { NAME } from "../../shared/names.ts";
import { NO_ACCESS, privateFolderFault } from "../../shared/private_folder.ts";

/** The user whose contexts are read, and the environment that says where they are. */
export type ContextsOf = Readonly<{ env: Env; uid: number }>;

/** Where the files of contexts are, each named after its context. */
export function contextsFolder(env: Env): string {
  return join(configFolder(env), "contexts");
}

/** Names by the files alone, ordered. @throws {GradError} `permission_denied` where others can read or change them */
export async function contextNames({ env, uid }: ContextsOf): Promise<readonly string[]> {
  for (const folder of [configFolder(env), contextsFolder(env)]) {
    if (!await checkPrivate(folder, uid)) return [];
  }
  const names: string[] = [];
  for await (const { name } of Deno.readDir(contextsFolder(env))) {
    const stem = name.replace(/\.yaml$/, "");
    if (stem !== name && NAME.test(stem)) names.push(stem);
  }
  return names.sort();
}

/** Whether the folder exists. Links are followed: people keep their configuration elsewhere. @throws {GradError} `permission_denied` */
async function checkPrivate(folder: string, uid: number): Promise<boolean> {
  const info = await statOf(folder);
  if (info === undefined) return false;
  const fault = privateFolderFault(info, uid, NO_ACCESS);
  if (fault === undefined) return true;
  throw new GradError("permission_denied", `Cannot use the contexts in "${folder}": ${fault}`, {
    hint: "Make it a folder of yours that only you can open, with `chmod 700`.",
  });
}

/** What the path leads to; `undefined` where that does not exist. */
export async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}
