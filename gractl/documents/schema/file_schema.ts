import { z } from "zod";
import { bytes, instant } from "./values.ts";

const entry = z.object({
  path: z.string().describe("relative to /workspace"),
  type: z.enum(["file", "directory", "symlink", "other", "unspecified"]),
  bytes,
  mode: z.string().regex(/^[0-7]{4,}$/).describe("permission bits, octal"),
  modifiedAt: instant.nullable(),
});

export const file = z.object({
  ...entry.partial({ type: true, mode: true, modifiedAt: true }).shape,
  path: z.string().describe("in the runner"),
  localPath: z.string().describe("on this machine"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  resumedAt: bytes.describe("how much an earlier, interrupted copy had left; 0: nothing"),
}).describe("A file that was copied. type, mode and modifiedAt are only in the document of `file put`.");

export const fileList = z.object({
  items: z.array(entry),
  truncated: z.boolean().describe("there are more files than are listed"),
}).describe("Files of a runner.");
