import { GradError } from "../../shared/errors.ts";
import { MAX_FILE_PART_BYTES } from "../../shared/limits.ts";
import type { FileCalls } from "../client/files.ts";
import type { RunnerRef } from "../client/runners.ts";

/**
 * The content of a file, in parts as they come.
 * @throws {GradError} `file_not_found`, `path_not_allowed`; `file_changed` after some parts, where the file changes meanwhile
 */
export async function* streamFile(
  files: Pick<FileCalls, "read">,
  source: Readonly<{ runner: RunnerRef; path: string }>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let revision = "";
  for (let offset = 0;;) {
    const got = await files.read({ ...source, offset, maxBytes: MAX_FILE_PART_BYTES, revision }, signal);
    revision = got.revision;
    offset += got.data.length;
    if (got.data.length > 0) yield got.data;
    if (offset >= got.totalBytes) return;
    if (got.data.length === 0) {
      throw new GradError(
        "file_changed",
        `Cannot read ${source.path}: it ended at ${offset} of ${got.totalBytes} bytes`,
      );
    }
  }
}
