import { createHash } from "node:crypto";
import { GradError } from "../../shared/errors.ts";
import type { FileCalls, FileEntry } from "../client/files.ts";
import type { RunnerRef } from "../client/runners.ts";

const PART_BYTES = 2 * 2 ** 20;
/** How often an upload may be resumed after a mismatch of offsets. */
const MAX_BEGINS = 5;

export type Uploader = Readonly<{
  files: Pick<FileCalls, "beginUpload" | "writeUpload" | "finishUpload">;
  signal: AbortSignal;
  /** Called after each part, with bytes. */
  progress?(done: number, total: number): void;
}>;

export type Upload = Readonly<{
  /** Local path. */
  from: string;
  /** `existingRunner`: the runner is not created where there is none. */
  target: Readonly<{ runner: RunnerRef; existingRunner?: boolean; path: string }>;
}>;

export type Uploaded = Readonly<{ entry: FileEntry; sha256: string; resumedAt: number }>;

/**
 * Uploads a file. The runner identifies uploads by path, size and checksum, so that an interrupted one is continued.
 *
 * @throws {GradError} `file_not_found`, `file_changed`, `path_not_allowed`, `storage_full`, `checksum_mismatch`
 */
export async function upload({ files, signal, progress }: Uploader, what: Upload): Promise<Uploaded> {
  using file = await openLocal(what.from);
  const stat = await file.stat();
  if (stat.isDirectory) {
    throw new GradError("invalid_argument", `Cannot put "${what.from}": it is a folder`, {
      hint: "Put its files one by one, or an archive of it.",
    });
  }
  const totalBytes = stat.size;
  const mode = (stat.mode ?? 0o644) & 0o777;
  const sha256 = await sha256Of(file);
  const { runner, existingRunner, path } = what.target;

  for (let begins = 1;; begins++) {
    const { uploadId, offset: resumedAt } = await files.beginUpload(
      { runner, path, totalBytes, sha256, mode, ...existingRunner === undefined ? {} : { existingRunner } },
      signal,
    );
    try {
      let offset = resumedAt;
      while (offset < totalBytes) {
        const data = await readAt(file, offset, Math.min(PART_BYTES, totalBytes - offset));
        if (data.length === 0) throw changed(what.from);
        offset = await files.writeUpload({ runner, uploadId, offset, data }, signal);
        progress?.(offset, totalBytes);
      }
      return { entry: await files.finishUpload({ runner, uploadId }, signal), sha256, resumedAt };
    } catch (thrown) {
      // A part may have arrived although its response was lost; the next beginUpload returns the right offset.
      const again = thrown instanceof GradError && thrown.code === "upload_offset" && begins < MAX_BEGINS;
      if (!again) throw thrown;
    }
  }
}

function changed(path: string): GradError {
  return new GradError("file_changed", `Cannot put "${path}": it became shorter while it was read`);
}

async function openLocal(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) {
      throw new GradError("file_not_found", `Cannot put "${path}": there is no such file on this machine`, {
        hint: "Check the path.",
      });
    }
    if (thrown instanceof Deno.errors.IsADirectory) {
      throw new GradError("invalid_argument", `Cannot put "${path}": it is a folder`);
    }
    throw thrown;
  }
}

async function sha256Of(file: Deno.FsFile): Promise<string> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(PART_BYTES);
  await file.seek(0, Deno.SeekMode.Start);
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest("hex");
}

async function readAt(file: Deno.FsFile, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await file.seek(offset, Deno.SeekMode.Start);
  let got = 0;
  while (got < length) {
    const count = await file.read(bytes.subarray(got));
    if (count === null) break;
    got += count;
  }
  return bytes.subarray(0, got);
}
