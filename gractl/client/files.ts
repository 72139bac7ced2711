import type { RunnerRef } from "./runners.ts";

export type FileType = "unspecified" | "file" | "directory" | "symlink" | "other";

/** Paths are below /workspace, slash-separated: "outputs/plot.png". */
export type FileEntry = Readonly<{
  path: string;
  type: FileType;
  bytes: number;
  modifiedAt: Date | undefined;
  /** Permission bits. */
  mode: number;
}>;

export type FilePart = Readonly<{ data: Uint8Array; totalBytes: number; revision: string; mode: number }>;

/** Files of a runner's workspace, in bounded parts, so that a transfer goes on where it was cut. */
export interface FileCalls {
  /** @throws {GradError} `file_not_found`, `path_not_allowed` */
  list(
    request: { runner: RunnerRef; path: string; recursive: boolean },
    signal: AbortSignal,
  ): Promise<{ entries: readonly FileEntry[]; truncated: boolean }>;
  /** An empty revision means any. @throws {GradError} `file_not_found`, `file_changed`, `path_not_allowed` */
  read(
    request: { runner: RunnerRef; path: string; offset: number; maxBytes: number; revision: string },
    signal: AbortSignal,
  ): Promise<FilePart>;
  /** How much of an upload is there; makes it when there is none. @throws {GradError} `path_not_allowed`, `storage_full` */
  beginUpload(
    request: { runner: RunnerRef; path: string; totalBytes: number; sha256: string; mode: number },
    signal: AbortSignal,
  ): Promise<{ uploadId: string; offset: number }>;
  /** Answers with the upload's new end. @throws {GradError} `upload_offset`, `storage_full` */
  writeUpload(
    request: { runner: RunnerRef; uploadId: string; offset: number; data: Uint8Array },
    signal: AbortSignal,
  ): Promise<number>;
  /** Puts the file in place. @throws {GradError} `checksum_mismatch` */
  finishUpload(request: { runner: RunnerRef; uploadId: string }, signal: AbortSignal): Promise<FileEntry>;
}
