import { z } from "zod";
import { apiVersion, kindOf, nameOf, plainText } from "./header_schema.ts";
import { SOURCES } from "../datasets/sources/source_registry.ts";

const common = {
  apiVersion,
  kind: kindOf("Dataset"),
  name: nameOf("dataset").describe("`name:`, the name of the file without .yaml"),
  description: plainText.default(""),
  access: z.enum(["read-only", "read-write"]).default("read-only"),
};

const types = SOURCES.map(({ type }) => type);

/**
 * The schema for a file whose `type` is missing or unknown, so that its other faults are reported too. If the file has the section of
 * exactly one type, it is checked as that type, otherwise only the keys that all types share are checked.
 */
export async function untypedSchema(keys: readonly string[]) {
  const type = z.enum(types).describe(`\`type:\`, one of ${types.join(", ")}`);
  const likely = SOURCES.filter((source) => keys.includes(source.type));
  if (likely.length === 1) return z.strictObject({ ...common, type, ...(await likely[0]!.schema()).shape });
  const shapes = await Promise.all(SOURCES.map(async ({ schema }) => (await schema()).shape));
  const anything = Object.fromEntries(
    shapes.flatMap(Object.keys).map((key) => [key, z.unknown().optional()]),
  );
  return z.strictObject({ ...common, type, ...anything });
}

/** The schema of dataset files: a union with one member for each source type. */
export async function datasetSchema() {
  const options = await Promise.all(SOURCES.map(async ({ type, schema }) => {
    const { shape } = await schema();
    return z.strictObject({ ...common, type: z.literal<string>(type), ...shape });
  }));
  const [first, ...others] = options;
  return z.discriminatedUnion("type", [first!, ...others]);
}
