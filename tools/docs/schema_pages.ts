import { cli, tree } from "../../gractl/cli.ts";
import type { Deps } from "../../gractl/deps.ts";
import { COMMAND_KINDS } from "../../gractl/documents/schema/command_kinds.ts";
import type { DocumentKind } from "../../gractl/documents/schema/documents.ts";
import { jsonSchemaOf, KINDS, tableSchema } from "../../gractl/documents/schema/json_schema.ts";

/** Commands are built without anything being done: only their actions touch what they depend on. */
const NO_DEPS = {} as unknown as Deps;

function printedBy(kind: DocumentKind): string {
  if (kind === "Error") return "any command that fails";
  if (kind === "Event") return "`execute-code -o ndjson`, `sql -o ndjson`, `execution attach -o ndjson`";
  const all = [...tree(cli(NO_DEPS, () => {}))].map(([path]) => path.replace(/^gractl ?/, ""));
  return all.filter((path) => COMMAND_KINDS[path] === kind).map((path) => `\`${path}\``).join(", ");
}

function readme(): string {
  const rows = KINDS.map((kind) =>
    `| [${kind}](${kind}.json) | ${printedBy(kind)} | ${jsonSchemaOf(kind).description} |`
  );
  return `<!-- Generated from gractl/documents/schema by \`make docs\`. Do not edit. -->
# Documents

What gractl prints under \`-o json\` and \`-o ndjson\`, as [JSON Schemas](https://json-schema.org/draft/2020-12) of version 2020-12.

| kind | printed by | |
|---|---|---|
${rows.join("\n")}

[Table](Table.json) is no document of its own: results have it as \`application/vnd.gractl.table.v1+json\` ([tables.md](../tables.md)).

## Versions
Every document has \`"apiVersion": "gractl/v1"\` and a \`kind\`. Within one \`apiVersion\`

- documents, and objects in them, may gain fields, and enumerations may gain values: ignore what you do not know
  (\`additionalProperties\` is true everywhere);
- no field is removed or renamed, changes its type or its meaning, or becomes optional or null where it was not.

Any other change gets a new \`apiVersion\`. \`$id\` names the version and the kind; it is not an address.
The project's own tests compare every document with its schema and allow no further fields.`;
}

/** The files of docs/schema/ by name. */
export function schemaPages(): ReadonlyMap<string, string> {
  const schemas = KINDS.map((kind) =>
    [`${kind}.json`, JSON.stringify(jsonSchemaOf(kind), undefined, 2)] as const
  );
  const table = ["Table.json", JSON.stringify(tableSchema(), undefined, 2)] as const;
  return new Map([["README.md", readme()], ...schemas, table]);
}
