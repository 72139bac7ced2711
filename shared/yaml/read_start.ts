import { closeSync, constants, fstatSync, openSync, read } from "node:fs";
import { promisify } from "node:util";

/** Size limit of files in a workspace, far above what people write. Files are read no further. */
export const MAX_BYTES = 64 * 1024;

/**
 * Reads at most `maxBytes` of a file. `undefined` for what is no regular file: a pipe would block, a device has no end.
 * @throws {Error} as node:fs, where it cannot be opened
 */
export async function readStart(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  // Not waiting for the writer of a pipe, which may have taken the file's place just now.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) return undefined;
    const bytes = new Uint8Array(maxBytes);
    let length = 0;
    while (length < maxBytes) {
      const { bytesRead } = await promisify(read)(fd, bytes, length, maxBytes - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}
