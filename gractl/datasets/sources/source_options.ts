import { GradError } from "../../../shared/errors.ts";
import { SOURCES, typeNamed } from "./source_registry.ts";
import type { Fields, SourceOption } from "./source_type.ts";

/** The part of the command line of `dataset add` that describes where the data is. */
export type GivenSource = Readonly<{
  type: string | undefined;
  /** "s3://bucket/prefix" or a path of a folder. */
  location: string | undefined;
  /** Values of the given options of source types, by the flags of the option. */
  options: ReadonlyMap<string, string | true>;
}>;

/** The options of all source types, each once, with the types that have it. */
export function allOptions(): readonly (SourceOption & { readonly types: readonly string[] })[] {
  const flags = new Set(SOURCES.flatMap(({ options }) => options.map((each) => each.flags)));
  return [...flags].map((each) => {
    const owners = SOURCES.filter(({ options }) => options.some((option) => option.flags === each));
    const option = owners[0]!.options.find((option) => option.flags === each)!;
    return { ...option, types: owners.map(({ type }) => type) };
  });
}

/**
 * The type of source and the fields of the dataset file that a command line describes.
 *
 * @throws {GradError} `invalid_argument` for an unknown kind of location, an unknown type, an option of another type, or an option
 * that repeats the location
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
      `"${name}" is not a type of data source`,
      `Use one of the types ${SOURCES.map((each) => each.type).join(", ")}.`,
    );
  }
  if (located !== undefined && located.type !== type.type) {
    throw refuse(
      `its location is of type ${located.type}, not ${type.type}`,
      "Remove --type.",
    );
  }
  let fields = located?.fields ?? {};
  for (const [flags, value] of given.options) {
    const option = type.options.find((each) => each.flags === flags);
    const flag = flags.split(" ")[0]!;
    if (option === undefined) {
      throw refuse(`${flag} is not an option of type ${type.type}`, `Remove it, or use another --type.`);
    }
    if (valueAt(fields, option.path) !== undefined) {
      throw refuse(`${flag} repeats a part of its location`, `Remove ${flag}.`);
    }
    fields = withValue(fields, option.path, value);
  }
  return { type: type.type, fields: type.complete(fields, at) };
}

/** The type and fields of a location. */
function locate(location: string | undefined) {
  if (location === undefined) return undefined;
  for (const source of SOURCES) {
    const fields = source.fromLocation(location);
    if (fields !== undefined) return { type: source.type, fields };
  }
  // What may be a URL with a password is not quoted.
  const isPlain = /^[\p{L}\p{N} ._/-]{1,80}$/u.test(location);
  throw refuse(
    `${isPlain ? `"${location}"` : "its location"} is neither s3://BUCKET/PREFIX nor a folder (/…, ./…, ~/…)`,
    isPlain
      ? `Write s3://${location} for a bucket, or ./${location} for a folder.`
      : "Write s3://BUCKET/PREFIX, or a path that starts with /, ./ or ~/.",
  );
}

/** The type to which a given option belongs, where the option belongs to one type only. */
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
