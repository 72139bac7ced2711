import type { Stats } from "node:fs";
import { join } from "node:path";
import { ConfinedFolder } from "./confined_folder.ts";
import { removeIfThere, writeFile, type WriteOptions } from "./write_file.ts";

/** A local file that a runner or a workspace names. */
export type Destination = Readonly<{
  /** A folder that exists and that the user chose, such as the workspace: links in its path are followed. */
  root: string;
  /** The path below it: missing folders are created, and no link is followed. The last part is the file's name. */
  path: readonly [string, ...string[]];
}>;

export function localPath({ root, path }: Destination): string {
  return join(root, ...path);
}

/**
 * Writes a file as a whole. With `exclusive` an existing one is an error; otherwise it is replaced, a link by the file.
 * @throws {GradError} `path_not_allowed` where a folder in the path is a link
 * @throws {Deno.errors.AlreadyExists} with `exclusive`
 */
export function writeDestination(
  to: Destination,
  content: Uint8Array | string,
  options: WriteOptions,
): void {
  using folder = folderOf(to, { create: true });
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  writeFile(folder, to.path.at(-1)!, bytes, options);
}

/** Removes a file, or a link itself; does nothing where there is none. @throws {GradError} `path_not_allowed` */
export function removeDestination(to: Destination): void {
  using folder = folderOf(to, { create: false });
  removeIfThere(folder, to.path.at(-1)!);
}

/** What is there, without following a link; `undefined` where there is nothing. @throws {GradError} `path_not_allowed` */
export function infoOf(to: Destination): Stats | undefined {
  try {
    using folder = folderOf(to, { create: false });
    return folder.info(to.path.at(-1)!);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

/** The open folder of the file. */
export function folderOf({ root, path }: Destination, options: { create: boolean }): ConfinedFolder {
  using open = ConfinedFolder.open(root);
  return open.folder(path.slice(0, -1), options);
}
