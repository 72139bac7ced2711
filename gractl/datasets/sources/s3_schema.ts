import { z } from "zod";
import { credentialsSchema, readCredentials } from "./credentials_schema.ts";
import type { SourceSchema } from "./source_type.ts";
import { bucketFault, endpointFault, prefixFault, regionFault } from "./s3_grammar.ts";
import type { S3DatasetSource } from "./s3.ts";

function text(fault: (text: string) => string | undefined) {
  return z.string().superRefine((value, context) => {
    const message = fault(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

const fields = z.strictObject({
  bucket: text(bucketFault).describe("`bucket: <name>` under `s3:`"),
  prefix: text(prefixFault).default(""),
  endpoint: text(endpointFault).default(""),
  region: text(regionFault).default(""),
  pathStyle: z.boolean().default(false),
}).describe("`s3:` with `bucket: <name>` under it");

const shape = { s3: fields, credentials: credentialsSchema };
const whole = z.object(shape);

export const s3Schema: SourceSchema<S3DatasetSource> = {
  shape,
  read(given, at) {
    const { s3, credentials } = whole.parse(given);
    const { ref, faults } = readCredentials(credentials, at);
    if (faults.length > 0) return { faults };
    const { endpoint, prefix } = s3;
    return {
      source: {
        type: "s3",
        ...s3,
        endpoint: endpoint.replace(/\/$/, ""),
        prefix: prefix.replace(/\/$/, ""),
        credentials: ref,
      },
    };
  },
};
