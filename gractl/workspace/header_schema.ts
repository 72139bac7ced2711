import { z } from "zod";
import { NAME, suggestName } from "../../shared/names.ts";

export const API_VERSION = "gractl/v1";

export const apiVersion = z.literal(API_VERSION, {
  error: `must be ${API_VERSION}; correct it, or use the gractl that wrote the file`,
}).describe(`\`apiVersion: ${API_VERSION}\``);

export function kindOf<Kind extends string>(kind: Kind) {
  return z.literal(kind).describe(`\`kind: ${kind}\``);
}

/** Longest description, in UTF-16 units: it travels with every call. */
const LONGEST = 8_192;

/** Lines of text that are safe on a terminal: files come with cloned repositories. */
export const plainText = z.string().max(LONGEST, "is longer than 8,192 characters; shorten it").regex(
  /^(?:[^\p{Cc}\u2028\u2029]|[\n\t])*$/u,
  "holds a control character; remove it",
);

export function nameOf(kind: "runner" | "session" | "dataset") {
  return z.string().superRefine((value, context) => {
    if (NAME.test(value)) return;
    context.addIssue({
      code: "custom",
      message: `is not a name: a letter first, then up to 39 of a-z, 0-9 and "-", not "-" at the end; use "${
        suggestName(value, kind)
      }"`,
    });
  });
}
