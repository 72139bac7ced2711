import { join } from "node:path";

/** Bytes of a file that are searched at once. */
const PART = 4 << 20;

/** The first file below `dir` that has `text` in its content or name, or nothing. */
export function findText(dir: string, text: string): string | undefined {
  const wanted = new TextEncoder().encode(text);
  for (const path of files(dir)) {
    if (path.includes(text) || holds(path, wanted)) return path;
  }
  return undefined;
}

function* files(dir: string): Generator<string> {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(dir)];
  } catch {
    return; // absent, or gone meanwhile
  }
  for (const entry of entries) {
    const path = join(dir, entry.name);
    if (entry.isDirectory) yield* files(path);
    else if (entry.isFile) yield path;
  }
}

function holds(path: string, wanted: Uint8Array): boolean {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch {
    return false;
  }
  using open = file;
  const buffer = new Uint8Array(PART + wanted.length);
  const needle = new TextDecoder("latin1").decode(wanted);
  for (let kept = 0;;) {
    const count = open.readSync(buffer.subarray(kept));
    if (count === null) return false;
    const end = kept + count;
    if (new TextDecoder("latin1").decode(buffer.subarray(0, end)).includes(needle)) return true;
    // What may be the beginning of an occurrence that the next part ends.
    kept = Math.min(wanted.length - 1, end);
    buffer.copyWithin(0, end - kept, end);
  }
}
