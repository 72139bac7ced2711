import { resolve } from "node:path";
import type { Fields, SourceType } from "./source_type.ts";

/** A folder on the machine where grad runs; for the local backend only. */
export type DirectoryDatasetSource = Readonly<{
  type: "directory";
  /** Absolute. */
  path: string;
}>;

export const directory: SourceType<DirectoryDatasetSource> = {
  type: "directory",
  summary: "a folder on this machine; works with the local grad only",
  options: [
    {
      flags: "--path <dir>",
      description: "folder, absolute or relative to the current folder",
      path: ["directory", "path"],
    },
  ],
  fromLocation(location) {
    return /^(\/|~\/|\.\.?(\/|$))/.test(location) ? { directory: { path: location } } : undefined;
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
