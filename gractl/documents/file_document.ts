import type { FileEntry } from "../client/files.ts";
import type { ItemFields } from "./schema/documents.ts";
import { instant } from "./instant.ts";

/** Fields of kind File. */
export function fileFields(entry: FileEntry): ItemFields<"FileList"> {
  const { path, type, bytes, mode, modifiedAt } = entry;
  return { path, type, bytes, mode: mode.toString(8).padStart(4, "0"), modifiedAt: instant(modifiedAt) };
}
