import { join } from "node:path";

/** Whether a file whose name matches lies anywhere below the folder. */
export async function holdsFile(dir: string, file: RegExp): Promise<boolean> {
  try {
    for await (const entry of Deno.readDir(dir)) {
      if (entry.isFile && file.test(entry.name)) return true;
      if (entry.isDirectory && await holdsFile(join(dir, entry.name), file)) return true;
    }
  } catch {
    // It has just been removed, or may not be read.
  }
  return false;
}
