import { z } from "zod";
import { API_VERSION } from "./api_version.ts";
import { type DocumentKind, DOCUMENTS } from "./documents.ts";
import { table } from "./table_schema.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Every kind of document, in alphabetical order. */
export const KINDS = Object.keys(DOCUMENTS).sort() as DocumentKind[];

const POLICY =
  `Within ${API_VERSION} documents and their objects may gain fields, and enumerations may gain values: ignore what you do not know.`;

/** The JSON Schema (2020-12) of a kind of document. Every object allows additional properties, since documents may gain fields. */
export function jsonSchemaOf(kind: DocumentKind): JsonSchema {
  const { $schema, description, ...fields } = openSchema(DOCUMENTS[kind]);
  return {
    $schema: $schema!,
    $id: `urn:${API_VERSION.replace("/", ":")}:${kind}`,
    title: kind,
    description: description!,
    $comment: POLICY,
    ...withEnvelope(kind, fields),
  };
}

/** The JSON Schema of a table, which is a part of other documents and has no envelope. */
export function tableSchema(): JsonSchema {
  const { $schema, description, ...fields } = openSchema(table);
  return {
    $schema: $schema!,
    $id: "urn:gractl:table:v1",
    title: "Table",
    description: description!,
    ...fields,
  };
}

function openSchema(type: z.ZodType): JsonSchema {
  return z.toJSONSchema(type, {
    target: "draft-2020-12",
    override({ jsonSchema }) {
      if (jsonSchema.type === "object" && jsonSchema.properties !== undefined) {
        jsonSchema.additionalProperties = true;
      }
    },
  });
}

/** Adds `apiVersion` and `kind` to an object, or to each alternative. */
function withEnvelope(kind: DocumentKind, schema: JsonSchema): JsonSchema {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    return { anyOf: alternatives.map((each) => withEnvelope(kind, each as JsonSchema)) };
  }
  const { properties, required = [], ...rest } = schema;
  return {
    ...rest,
    properties: { apiVersion: { const: API_VERSION }, kind: { const: kind }, ...properties },
    required: ["apiVersion", "kind", ...required],
  };
}
