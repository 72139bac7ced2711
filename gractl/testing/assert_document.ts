import assert from "node:assert/strict";
import { Ajv2020, type ValidateFunction } from "ajv/2020";

const SCHEMAS = new URL("../../docs/schema/", import.meta.url);

const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { "date-time": true } });
const validators = new Map<string, ValidateFunction>();

/** A copy of the schema in which no object may have fields that the schema does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) =>
    key === "additionalProperties" && value === true ? [key, false] : [key, closed(value)]
  );
  return Object.fromEntries(entries);
}

function validatorOf(kind: string): ValidateFunction {
  const known = validators.get(kind);
  if (known !== undefined) return known;
  const file = new URL(`${kind}.json`, SCHEMAS);
  assert.match(kind, /^[A-Za-z]+$/, "the document's kind");
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (cause) {
    throw new assert.AssertionError({ message: `docs/schema/ has no schema of kind ${kind}: ${cause}` });
  }
  const validator = ajv.compile(closed(JSON.parse(text)) as object);
  validators.set(kind, validator);
  return validator;
}

/**
 * Compares a document that gractl has printed with the published schema of its kind. Fields that the schema does not name are refused,
 * although users' programs have to accept them: a test must notice a field without a description.
 */
export function assertDocument(document: unknown): void {
  const { kind } = document as { kind?: unknown };
  const validate = validatorOf(String(kind));
  if (validate(document)) return;
  const faults = (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `  ${instancePath || "/"} ${message} ${JSON.stringify(params)}`
  );
  throw new assert.AssertionError({
    message: `The document does not match docs/schema/${kind}.json (written by \`deno task docs\`):\n` +
      `${faults.join("\n")}\n${JSON.stringify(document, undefined, 2)}`,
  });
}
