import type { RunnerRef } from "./runners.ts";

export type FileType = "unspecified" | "file" | "directory" | "symlink" | "other";

/** `path` is relative to /workspace: "outputs/plot.png". */
export type FileEntry = Readonly<{
  path: string;
  type: FileType;
  bytes: number;
  modifiedAt: Date | undefined;
  /** Permission bits. */
  mode: number;
}>;

export type FilePart = Readonly<{ data: Uint8Array; totalBytes: number; revision: string; mode: number }>;

/** Files of a runner. Transfers are in bounded parts, so that an interrupted one can continue. */
export interface FileCalls {
  /** @throws {GradError} `file_not_found`, `path_not_allowed` */
  list(
    request: { runner: RunnerRef; path: string; recursive: boolean },
    signal: AbortSignal,
  ): Promise<{ entries: readonly FileEntry[]; truncated: boolean }>;
  /** Reads a part of a file, of any revision where `revision` is empty. @throws {GradError} `file_not_found`, `file_changed`, `path_not_allowed` */
  read(
    request: { runner: RunnerRef; path: string; offset: number; maxBytes: number; revision: string },
    signal: AbortSignal,
  ): Promise<FilePart>;
  /** Starts an upload, or finds an earlier one of the same file; `offset` is the number of bytes that have arrived. @throws {GradError} `path_not_allowed`, `storage_full` */
  beginUpload(
    request: Readonly<{
      runner: RunnerRef;
      path: string;
      totalBytes: number;
      sha256: string;
      mode: number;
      /** The runner is not created where there is none. */
      existingRunner?: boolean | undefined;
    }>,
    signal: AbortSignal,
  ): Promise<{ uploadId: string; offset: number }>;
  /** Appends a part; returns the new offset. @throws {GradError} `upload_offset`, `storage_full` */
  writeUpload(
    request: { runner: RunnerRef; uploadId: string; offset: number; data: Uint8Array },
    signal: AbortSignal,
  ): Promise<number>;
  /** Checks the upload and moves it to its path. @throws {GradError} `checksum_mismatch` */
  finishUpload(request: { runner: RunnerRef; uploadId: string }, signal: AbortSignal): Promise<FileEntry>;
}
