import { z } from "zod";
import { apiVersion, kindOf, nameOf, plainText } from "./header_schema.ts";
import { SOURCES } from "../datasets/sources/source_registry.ts";

const common = {
  apiVersion,
  kind: kindOf("Dataset"),
  name: nameOf("dataset").describe("`name:`, the file's name without .yaml"),
  description: plainText.default(""),
  access: z.enum(["read-only", "read-write"]).default("read-only"),
};

const types = SOURCES.map(({ type }) => type);

/**
 * For a file whose type is missing or wrong, so that its other faults are told all the same: checked as the type whose section it
 * has, if it has just one, else by what every dataset's file has.
 */
export async function untypedSchema(keys: readonly string[]) {
  const type = z.enum(types).describe(`\`type:\`, one of ${types.join(", ")}`);
  const meant = SOURCES.filter((source) => keys.includes(source.type));
  if (meant.length === 1) return z.strictObject({ ...common, type, ...(await meant[0]!.schema()).shape });
  const shapes = await Promise.all(SOURCES.map(async ({ schema }) => (await schema()).shape));
  const anything = Object.fromEntries(
    shapes.flatMap(Object.keys).map((key) => [key, z.unknown().optional()]),
  );
  return z.strictObject({ ...common, type, ...anything });
}

/** One option for each source type, with that type's own keys. */
export async function datasetSchema() {
  const options = await Promise.all(SOURCES.map(async ({ type, schema }) => {
    const { shape } = await schema();
    return z.strictObject({ ...common, type: z.literal<string>(type), ...shape });
  }));
  const [first, ...others] = options;
  return z.discriminatedUnion("type", [first!, ...others]);
}
