import { z } from "zod";
import type { Fault } from "./fault.ts";
import { nearest } from "./nearest.ts";
import type { Path, YamlFile } from "./yaml_file.ts";

/** Unknown keys of one mapping for which a similar known one is searched: more are not shown anyway. */
const MAX_SUGGESTIONS = 50;

/**
 * The faults of a file by a schema, with their positions.
 * @param hasOwnFault unknown keys that another check reports, with a better remedy; by default none
 */
export function schemaFaults(
  yaml: YamlFile,
  schema: z.ZodType,
  hasOwnFault: (key: string) => boolean = () => false,
): readonly Fault[] {
  const result = schema.safeParse(yaml.value);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => faultsOf(yaml, { schema, issue, hasOwnFault }));
}

function faultsOf(
  yaml: YamlFile,
  { schema, issue, hasOwnFault }: Readonly<
    { schema: z.ZodType; issue: z.core.$ZodIssue; hasOwnFault: (key: string) => boolean }
  >,
): readonly Fault[] {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.filter((key) => !hasOwnFault(key)).map((key, at) => {
      const message = at < MAX_SUGGESTIONS
        ? unknownKey(schema, { value: yaml.value, path, key })
        : "is not a known key here; remove it";
      return yaml.fault([...path, key], message, "key");
    });
  }
  // The schema of a record's keys has a message of its own.
  if (issue.code === "invalid_key") {
    return [yaml.fault(path, issue.issues[0]?.message ?? issue.message, "key")];
  }
  if (!yaml.has(path)) return [yaml.fault(path, missing(schema, yaml, path), "key")];
  if (valueAt(yaml.value, path) === null) {
    return [yaml.fault(path, "has no value; write one, or remove the key", "key")];
  }
  return [yaml.fault(path, messageOfIssue(yaml, path, issue), "value")];
}

function messageOfIssue(yaml: YamlFile, path: Path, issue: z.core.$ZodIssue): string {
  // A message that the schema defines is more specific.
  if (issue.code === "invalid_value" && !issue.message.startsWith("Invalid")) return issue.message;
  const choices = choicesOf(issue);
  if (choices !== undefined) {
    const value = valueAt(yaml.value, path);
    const suggestion = typeof value === "string" ? nearest(value, choices) : undefined;
    const all = choices.length === 1 ? `must be ${choices[0]}` : `must be one of ${choices.join(", ")}`;
    return suggestion === undefined || choices.length === 1
      ? `${all}; correct it`
      : `${all}; did you mean ${suggestion}?`;
  }
  if (issue.code !== "invalid_type") return issue.message;
  switch (issue.expected) {
    case "string":
      return "must be text; put it in quotes";
    case "boolean":
      return "must be true or false; write one of them, without quotes";
    case "object":
      return "must contain keys; write each on a line of its own below it, indented by two spaces";
    default:
      return `must be of type ${issue.expected}; correct it`;
  }
}

/** The allowed values, for issues about a choice. */
function choicesOf(issue: z.core.$ZodIssue): readonly string[] | undefined {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code === "invalid_union" && "options" in issue && Array.isArray(issue.options)) {
    return issue.options.map(String);
  }
  return undefined;
}

function missing(schema: z.ZodType, yaml: YamlFile, path: Path): string {
  const remedy = schemaAt(schema, yaml.value, path)?.description;
  return remedy === undefined ? "is missing; add it" : `is missing; add ${remedy}`;
}

function unknownKey(schema: z.ZodType, at: { value: unknown; path: Path; key: string }): string {
  const here = schemaAt(schema, at.value, at.path);
  const known = here === undefined ? [] : Object.keys(shapeOf(here, valueAt(at.value, at.path)) ?? {});
  const owner = here === undefined ? undefined : otherOption(here, at.key);
  if (owner !== undefined) return `belongs to ${owner}; remove it here`;
  const suggestion = nearest(at.key, known);
  if (suggestion !== undefined) return `is not a known key here; did you mean "${suggestion}"?`;
  return `is not a known key here; remove it, or use one of ${known.join(", ")}`;
}

/** The member of a union to which a key belongs, as "`source: profile`", where it is not the member that the file chose. */
function otherOption(schema: z.ZodType, key: string): string | undefined {
  const union = unwrap(schema);
  if (!(union instanceof z.ZodDiscriminatedUnion)) return undefined;
  const by = union.def.discriminator;
  const option = optionsOf(union).find((each) => Object.hasOwn(each.shape, key));
  const literal = option === undefined ? undefined : unwrap(option.shape[by] as z.ZodType);
  return literal instanceof z.ZodLiteral ? `\`${by}: ${String(literal.value)}\`` : undefined;
}

/** The schema at a path; the values decide between the members of unions. */
function schemaAt(schema: z.ZodType, value: unknown, path: Path): z.ZodType | undefined {
  let at: z.ZodType | undefined = schema;
  let here = value;
  for (const step of path) {
    const element: z.ZodType | undefined = at && elementOf(at);
    const shape: Readonly<Record<string, unknown>> = at && shapeOf(at, here) || {};
    at = element ?? (Object.hasOwn(shape, step) ? shape[step] as z.ZodType : undefined);
    here = valueAt(here, [step]);
  }
  return at;
}

/** The schema of the values of a record or a list, which all have the same. */
function elementOf(schema: z.ZodType): z.ZodType | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
  return inner instanceof z.ZodArray ? inner.element as z.ZodType : undefined;
}

function shapeOf(schema: z.ZodType, value: unknown): Readonly<Record<string, unknown>> | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return inner.shape;
  if (!(inner instanceof z.ZodDiscriminatedUnion)) return undefined;
  const chosen = valueAt(value, [inner.def.discriminator]);
  return optionsOf(inner).find(({ shape }) =>
    (unwrap(shape[inner.def.discriminator] as z.ZodType) as z.ZodLiteral).value === chosen
  )?.shape;
}

function optionsOf(union: z.ZodDiscriminatedUnion): readonly z.ZodObject[] {
  return union.options.filter((each) => each instanceof z.ZodObject);
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
  ) return unwrap(schema.unwrap() as z.ZodType);
  // What is transformed is read by the schema before the transformation.
  return schema instanceof z.ZodPipe && !(schema.in instanceof z.ZodTransform)
    ? unwrap(schema.in as z.ZodType)
    : schema;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce(
    (at: unknown, step) =>
      typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[step] : undefined,
    value,
  );
}
