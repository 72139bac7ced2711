import { dirname, resolve } from "node:path";
import { z } from "zod";
import type { SourceSchema } from "./source_type.ts";
import type { DirectoryDatasetSource } from "./directory.ts";

const path = z.string().regex(
  /^[^\p{Cc}]+$/u,
  "is empty or contains a control character; write the path of the folder",
);

const shape = {
  directory: z.strictObject({ path: path.describe("`path: <folder>` under `directory:`") })
    .describe("`directory:` with `path: <folder>` under it"),
};
const whole = z.object(shape);

export const directorySchema: SourceSchema<DirectoryDatasetSource> = {
  shape,
  read(given, { file, home }) {
    const { path } = whole.parse(given).directory;
    if (!/^~(\/|$)/.test(path)) {
      return { source: { type: "directory", path: resolve(dirname(file), path) } };
    }
    if (home === undefined) {
      const message = 'starts with "~", but HOME is not set; write the absolute path';
      return { faults: [{ path: ["directory", "path"], message }] };
    }
    return { source: { type: "directory", path: resolve(home, path.slice(2)) } };
  },
};
