/**
 * Reads a file that the user names: at most one byte more than `maxBytes`, so that the caller notices a longer one. The name may be a
 * link of somebody else's repository, also to something without an end, such as /dev/zero.
 *
 * @throws {Deno.errors} as `Deno.readFile`
 */
export async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const parts: Uint8Array[] = [];
  for (let length = 0; length <= maxBytes;) {
    const part = new Uint8Array(Math.min(64 * 1024, maxBytes + 1 - length));
    const count = await file.read(part);
    if (count === null) break;
    parts.push(part.subarray(0, count));
    length += count;
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
