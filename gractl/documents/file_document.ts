import type { FileEntry } from "../client/files.ts";

/** Fields of kind File. */
export function fileFields(entry: FileEntry): Readonly<Record<string, unknown>> {
  const { path, type, bytes, mode, modifiedAt } = entry;
  return { path, type, bytes, mode: mode.toString(8).padStart(4, "0"), modifiedAt: modifiedAt ?? null };
}
