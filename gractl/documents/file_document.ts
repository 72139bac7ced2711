import { formatSize } from "../../shared/size.ts";
import type { FileEntry } from "../client/files.ts";
import { age } from "../ui/age.ts";
import type { Style } from "../ui/style.ts";
import { renderTable } from "../ui/tables.ts";
import type { ItemFields } from "./schema/documents.ts";
import { instant } from "./instant.ts";

/** Fields of kind File. */
export function fileFields(entry: FileEntry): ItemFields<"FileList"> {
  const { path, type, bytes, mode, modifiedAt } = entry;
  return { path, type, bytes, mode: mode.toString(8).padStart(4, "0"), modifiedAt: instant(modifiedAt) };
}

/** Files as a table; names of folders end with "/". */
export function fileTable(
  entries: readonly FileEntry[],
  { style, now }: { style: Style; now: number },
): string {
  const rows = entries.map((each) => [
    each.type === "directory" ? `${each.path}/` : each.path,
    each.type === "file" ? formatSize(each.bytes) : each.type,
    age(each.modifiedAt, now),
  ]);
  return renderTable(["PATH", "SIZE", "AGE"], rows, { style, empty: "No files." });
}
