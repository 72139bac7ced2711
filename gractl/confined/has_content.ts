import { createHash } from "node:crypto";
import { closeSync, fstatSync, readSync } from "node:fs";
import { type Destination, folderOf } from "./destination.ts";

const READ_BYTES = 1024 * 1024;

/**
 * Whether a file of this user is there, with this content: bytes, or a length and a checksum (SHA-256 in hexadecimal; an empty one is
 * not known, and then no file has it).
 */
export function hasContent(
  at: Destination,
  content: Uint8Array | Readonly<{ bytes: number; sha256: string }>,
): boolean {
  using folder = folderOf(at, { create: false });
  const fd = folder.openOwn(at.path.at(-1)!);
  if (fd === undefined) return false;
  try {
    const wanted = content instanceof Uint8Array
      ? { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") }
      : content;
    return fstatSync(fd).size === wanted.bytes && sha256Of(fd) === wanted.sha256;
  } finally {
    closeSync(fd);
  }
}

function sha256Of(fd: number): string {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(READ_BYTES);
  for (let at = 0;;) {
    const count = readSync(fd, buffer, 0, buffer.length, at);
    if (count === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, count));
    at += count;
  }
}
