import { closeSync, fchmodSync, fsyncSync, writeSync } from "node:fs";
import type { Ids } from "../../shared/ids.ts";
import type { ConfinedFolder } from "./confined_folder.ts";

/** Writes all bytes to a descriptor, from an offset of the file on. */
export function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
}

export type WriteOptions = Readonly<{
  ids: Ids;
  exclusive: boolean;
  /** Of a new file (default: 0666, less the umask). */
  mode?: number;
}>;

/**
 * Writes a file atomically: readers see the old or the new content, also after a crash. With `exclusive` an existing entry is an error,
 * `Deno.errors.AlreadyExists`; otherwise it is replaced: a file with the same permissions, a link by the file.
 */
export function writeFile(
  folder: ConfinedFolder,
  name: string,
  bytes: Uint8Array,
  options: WriteOptions,
): void {
  const before = folder.info(name);
  const temporary = `.${options.ids.random(16)}.tmp`;
  const fd = folder.create(temporary, options.mode);
  try {
    writeAll(fd, bytes, 0);
    if (!options.exclusive && before?.isFile()) fchmodSync(fd, before.mode & 0o777);
    fsyncSync(fd);
    // A hard link fails where the name exists; a rename would replace the file.
    if (options.exclusive) folder.link(temporary, name);
    else folder.rename(temporary, name);
    folder.sync();
  } finally {
    closeSync(fd);
    removeIfThere(folder, temporary); // it no longer exists after a rename
  }
}

/** Removes a file; does nothing where there is none. */
export function removeIfThere(folder: ConfinedFolder, name: string): void {
  try {
    folder.removeFile(name);
  } catch {
    // There is none. What cannot be removed was not created here.
  }
}
