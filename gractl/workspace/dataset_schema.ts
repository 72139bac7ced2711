import { z } from "zod";
import { apiVersion, kindOf, nameOf, plainText } from "./header_schema.ts";
import { SOURCES } from "./source_registry.ts";

const common = {
  apiVersion,
  kind: kindOf("Dataset"),
  name: nameOf("dataset").describe("`name:`, the file's name without .yaml"),
  description: plainText.default(""),
  access: z.enum(["read-only", "read-write"]).default("read-only"),
};

const types = SOURCES.map(({ type }) => type);

/** What every dataset's file has; for files whose type is missing or wrong, so that their other faults are told all the same. */
export const commonSchema = z.looseObject({
  ...common,
  type: z.enum(types).describe(`\`type:\`, one of ${types.join(", ")}`),
});

/** One option for each source type, with that type's own keys. */
export async function datasetSchema() {
  const options = await Promise.all(SOURCES.map(async ({ type, schema }) => {
    const { shape } = await schema();
    return z.strictObject({ ...common, type: z.literal<string>(type), ...shape });
  }));
  const [first, ...others] = options;
  return z.discriminatedUnion("type", [first!, ...others]);
}
