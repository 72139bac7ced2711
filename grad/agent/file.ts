/** Files of a runner's workspace: grad.v1.FileService. */

export interface FileEntry {
  path: string;
  /** `unspecified` is a type that this version does not know, from a newer agent. */
  type: "unspecified" | "file" | "directory" | "symlink" | "other";
  bytes: bigint;
  modifiedAt?: Date | undefined;
  mode: number;
}

export interface FileList {
  entries: FileEntry[];
  truncated: boolean;
}

export interface FilePart {
  data: Uint8Array;
  totalBytes: bigint;
  revision: string;
  mode: number;
}

export interface ReadFile {
  path: string;
  offset: bigint;
  maxBytes: number;
  revision: string;
}

export interface Upload {
  path: string;
  totalBytes: bigint;
  sha256: string;
  mode: number;
}

export interface UploadPart {
  uploadId: string;
  offset: bigint;
  data: Uint8Array;
}

/** @throws {GradError} `file_not_found`, `path_not_allowed`, `file_changed`, `upload_offset`, `checksum_mismatch`, `storage_full` */
export interface FileAgent {
  listFiles(request: { path: string; recursive: boolean }, signal: AbortSignal): Promise<FileList>;
  readFile(request: ReadFile, signal: AbortSignal): Promise<FilePart>;
  beginUpload(request: Upload, signal: AbortSignal): Promise<{ uploadId: string; offset: bigint }>;
  writeUpload(request: UploadPart, signal: AbortSignal): Promise<{ offset: bigint }>;
  finishUpload(uploadId: string, signal: AbortSignal): Promise<FileEntry>;
}
