import { join } from "node:path";

/** Bytes of a file that are read at a time. */
const PART = 4 << 20;

/** The first file below `dir` with one of `texts` (ASCII) in its contents or name; `undefined` if there is none. */
export function findText(dir: string, texts: readonly string[]): string | undefined {
  for (const path of files(dir)) {
    if (texts.some((text) => path.includes(text)) || holds(path, texts)) return path;
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

function holds(path: string, texts: readonly string[]): boolean {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch {
    return false;
  }
  using open = file;
  const longest = Math.max(0, ...texts.map((text) => text.length));
  const buffer = new Uint8Array(PART + longest);
  for (let kept = 0;;) {
    const count = open.readSync(buffer.subarray(kept));
    if (count === null) return false;
    const end = kept + count;
    const part = new TextDecoder("latin1").decode(buffer.subarray(0, end));
    if (texts.some((text) => part.includes(text))) return true;
    // An occurrence may begin in this part and end in the next one.
    kept = Math.min(Math.max(0, longest - 1), end);
    buffer.copyWithin(0, end - kept, end);
  }
}
