import { GradError } from "../../../shared/errors.ts";
import { SOURCES, typeNamed } from "./source_registry.ts";
import type { Fields, SourceOption } from "./source_type.ts";

/** What `dataset add` was given, as far as it is about where the data lies. */
export type GivenSource = Readonly<{
  type: string | undefined;
  /** "s3://bucket/prefix" or a folder. */
  location: string | undefined;
  /** Values of the options that were given, by their flags. */
  options: ReadonlyMap<string, string | true>;
}>;

/** Each option of any type once, with the types that take it. */
export function allOptions(): readonly (SourceOption & { readonly types: readonly string[] })[] {
  const flags = new Set(SOURCES.flatMap(({ options }) => options.map((each) => each.flags)));
  return [...flags].map((each) => {
    const takers = SOURCES.filter(({ options }) => options.some((option) => option.flags === each));
    const option = takers[0]!.options.find((option) => option.flags === each)!;
    return { ...option, types: takers.map(({ type }) => type) };
  });
}

/**
 * The type and fields that a command line means.
 *
 * @throws {GradError} `invalid_argument` for a word of no type, an unknown type, options of another type, a place told twice
 */
export function fieldsOf(
  given: GivenSource,
  at: { cwd: string },
): { type: string; fields: Fields } {
  const located = locate(given.location);
  const name = given.type ?? located?.type ?? typeByOptions(given.options) ?? SOURCES[0].type;
  const type = typeNamed(name);
  if (type === undefined) {
    throw refuse(
      `"${name}" is no type of data source`,
      `Types are: ${SOURCES.map((each) => each.type).join(", ")}.`,
    );
  }
  if (located !== undefined && located.type !== type.type) {
    throw refuse(
      `its place is one of type ${located.type}, not ${type.type}`,
      "Leave out --type.",
    );
  }
  let fields = located?.fields ?? {};
  for (const [flags, value] of given.options) {
    const option = type.options.find((each) => each.flags === flags);
    const flag = flags.split(" ")[0]!;
    if (option === undefined) {
      throw refuse(`${flag} does not belong to type ${type.type}`, `Leave it out, or choose another --type.`);
    }
    if (valueAt(fields, option.path) !== undefined) {
      throw refuse(`${flag} says again what its place says`, `Leave out ${flag}.`);
    }
    fields = withValue(fields, option.path, value);
  }
  return { type: type.type, fields: type.complete(fields, at) };
}

/** No message quotes the word: it may be a URL with a password. */
function locate(word: string | undefined) {
  if (word === undefined) return undefined;
  for (const source of SOURCES) {
    const fields = source.fromLocation(word);
    if (fields !== undefined) return { type: source.type, fields };
  }
  throw refuse(
    "the word after its name is no place of data",
    "Write s3://BUCKET/PREFIX, or a folder that begins with /, ./ or ~/.",
  );
}

/** The only type that takes an option which was given, if there is one such type. */
function typeByOptions(options: ReadonlyMap<string, unknown>): string | undefined {
  const owners = allOptions().filter(({ flags, types }) => options.has(flags) && types.length === 1);
  return owners[0]?.types[0];
}

function valueAt(fields: Fields, path: readonly string[]): unknown {
  return path.reduce((at: unknown, key) => (at as Fields | undefined)?.[key], fields);
}

function withValue(fields: Fields, [key, ...rest]: readonly string[], value: unknown): Fields {
  if (key === undefined) return fields;
  const inner = (fields[key] ?? {}) as Fields;
  return { ...fields, [key]: rest.length === 0 ? value : withValue(inner, rest, value) };
}

function refuse(why: string, hint: string): GradError {
  return new GradError("invalid_argument", `Cannot add the dataset: ${why}`, { hint });
}
