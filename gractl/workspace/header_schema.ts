import { z } from "zod";
import { NAME, suggestName } from "../../shared/names.ts";

export const API_VERSION = "gractl/v1";

export const apiVersion = z.literal(API_VERSION, {
  error: `must be ${API_VERSION}; correct it, or use the version of gractl that wrote the file`,
}).describe(`\`apiVersion: ${API_VERSION}\``);

export function kindOf<Kind extends string>(kind: Kind) {
  return z.literal(kind).describe(`\`kind: ${kind}\``);
}

/** In UTF-16 units: descriptions are sent with every execution. */
const MAX_DESCRIPTION = 8_192;

/** Text that is safe to print on a terminal: the file may come from a cloned repository. */
export const plainText = z.string().max(MAX_DESCRIPTION, "is longer than 8,192 characters; shorten it").regex(
  /^(?:[^\p{Cc}\u2028\u2029]|[\n\t])*$/u,
  "contains a control character; remove it",
);

export function nameOf(kind: "runner" | "session" | "dataset" | "context") {
  return z.string().superRefine((value, context) => {
    if (NAME.test(value)) return;
    context.addIssue({
      code: "custom",
      message:
        `is not a name: names start with a letter, have up to 40 of a-z, 0-9 and "-", and do not end with "-"; use "${
          suggestName(value, kind)
        }"`,
    });
  });
}
