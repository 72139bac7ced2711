import { resolve } from "node:path";
import type { Fields, SourceType } from "./source_type.ts";

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
  fromLocation(word) {
    return /^(\/|~\/|\.\.?(\/|$))/.test(word) ? { directory: { path: word } } : undefined;
  },
  complete({ directory, ...fields }, { cwd }) {
    const path = (directory as Fields | undefined)?.["path"];
    return typeof path === "string" && path !== "" && !path.startsWith("~")
      ? { ...fields, directory: { path: resolve(cwd, path) } }
      : { ...fields, ...(directory === undefined ? {} : { directory }) };
  },
  location: ({ path }) => path,
  details: ({ path }) => [["Folder", path]],
  credentials: () => undefined,
  toMessage: (source) => source,
  schema: () => import("./directory_schema.ts").then((module) => module.directorySchema),
};
