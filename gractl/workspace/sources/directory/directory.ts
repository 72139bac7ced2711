import { resolve } from "node:path";
import type { SourceType } from "../source_type.ts";

/** A folder of grad's machine; for the local backend. */
export type DirectoryDatasetSource = Readonly<{
  type: "directory";
  /** Absolute. */
  path: string;
}>;

export const directory: SourceType<DirectoryDatasetSource> = {
  type: "directory",
  summary: "a folder of this machine, for the local grad only",
  options: [
    { flags: "--path <dir>", description: "folder, absolute or from here", path: ["directory", "path"] },
  ],
  fromLocation(word, { cwd, home }) {
    if (word.startsWith("~/") && home !== undefined) {
      return { directory: { path: resolve(home, word.slice(2)) } };
    }
    return /^(\/|\.\.?(\/|$))/.test(word) ? { directory: { path: resolve(cwd, word) } } : undefined;
  },
  location: ({ path }) => path,
  details: ({ path }) => [["Folder", path]],
  credentials: () => undefined,
  toMessage: (source) => source,
  schema: () => import("./directory_schema.ts").then((module) => module.directorySchema),
};
