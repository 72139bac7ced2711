import type { Ids } from "../../shared/ids.ts";
import { type Destination, folderOf } from "./destination.ts";
import { removeIfThere } from "./write_file.ts";

/**
 * Makes a symbolic link, or points an earlier one to another target, in one step. What is there and is no link stays as it is.
 * @throws {GradError} `path_not_allowed` where a folder in the path is a link
 */
export function pointLink(at: Destination, target: string, { ids }: { ids: Ids }): void {
  using folder = folderOf(at, { create: true });
  const name = at.path.at(-1)!;
  const before = folder.info(name);
  if (before !== undefined && !before.isSymbolicLink()) return;
  const temporary = `.${ids.random(16)}.tmp`;
  folder.makeLink(target, temporary);
  try {
    folder.rename(temporary, name);
  } finally {
    removeIfThere(folder, temporary); // it no longer exists after a rename
  }
}
