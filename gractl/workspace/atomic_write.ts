import { basename, dirname, join } from "node:path";
import type { Ids } from "../../shared/ids.ts";

/**
 * Writes a file atomically: readers see the old or the new text, also after a crash. With `exclusive`, an existing file is an error,
 * `Deno.errors.AlreadyExists`; otherwise it is replaced with the same permissions, and where it is a symbolic link, its target is.
 */
export async function writeAtomically(
  path: string,
  text: string,
  options: { ids: Ids; exclusive: boolean },
): Promise<void> {
  const target = options.exclusive ? path : await Deno.realPath(path).catch(() => path);
  const temporary = join(dirname(target), `.${basename(target)}.${options.ids.random(8)}.tmp`);
  using file = await Deno.open(temporary, { write: true, createNew: true });
  try {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    const mode = options.exclusive
      ? undefined
      : await Deno.stat(target).then((info) => info.mode, () => undefined);
    if (mode != null) await Deno.chmod(temporary, mode & 0o777);
    await file.sync();
    // A hard link fails where the name exists; a rename would replace the file.
    if (options.exclusive) await Deno.link(temporary, target);
    else await Deno.rename(temporary, target);
  } finally {
    await Deno.remove(temporary).catch(() => {}); // it no longer exists after a rename
  }
}
