import { z } from "zod";

/** Values that several documents have. */

export const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/).meta({
  format: "date-time",
  description: "UTC in ISO 8601, with milliseconds",
});
export const bytes = z.int().nonnegative().describe("bytes");
export const count = z.int().nonnegative();

/** A failure, or a warning that has a code. */
export const codedError = z.object({
  code: z.string().describe("a code of docs/errors.md; a newer grad may send one that is not there"),
  message: z.string(),
  hint: z.string().describe("what to do"),
});
