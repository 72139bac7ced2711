import assert from "node:assert/strict";
import { cli, tree } from "../../cli.ts";
import type { Deps } from "../../deps.ts";
import { assertDocument } from "../../testing/assert_document.ts";
import { COMMAND_KINDS } from "./command_kinds.ts";
import { jsonSchemaOf, KINDS } from "./json_schema.ts";

const GRACTL = new URL("../../", import.meta.url);

/** Paths of the commands that print a document, without "gractl". */
function commands(): string[] {
  const all = [...tree(cli({} as unknown as Deps, () => {}))];
  const leaves = all.filter(([path, command]) => command.commands.length === 0 && path !== "gractl help");
  return leaves.map(([path]) => path.replace(/^gractl /, ""));
}

Deno.test("every command has a kind of document, and every kind a command", () => {
  assert.deepEqual([...new Set(commands())].sort(), Object.keys(COMMAND_KINDS).sort());
  const printed = new Set<string>([...Object.values(COMMAND_KINDS), "Error", "Event"]);
  assert.deepEqual([...printed].sort(), [...KINDS]);
});

async function* goldenFiles(dir: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (isDirectory) yield* goldenFiles(new URL(`${name}/`, dir));
    else if (name.endsWith(".golden")) yield new URL(name, dir);
  }
}

/** The documents in a golden file: on one line, or from a line "{" to a line "}". */
function documentsIn(text: string): unknown[] {
  const found = text.matchAll(/^\{"apiVersion".*\}$|^\{\n[^]*?^\}$/gm);
  return [...found].map(([document]) => JSON.parse(document));
}

Deno.test("every document in a golden file matches the schema of its kind", async () => {
  const seen = new Set<unknown>();
  for await (const file of goldenFiles(GRACTL)) {
    const text = await Deno.readTextFile(file);
    const documents = documentsIn(text);
    assert.ok(documents.length > 0 || !text.includes('"apiVersion"'), `${file.pathname} has no document`);
    for (const document of documents) {
      try {
        assertDocument(document);
      } catch (thrown) {
        throw new assert.AssertionError({ message: `${file.pathname}: ${(thrown as Error).message}` });
      }
      seen.add((document as { kind: unknown }).kind);
    }
  }
  assert.ok(seen.size >= 10, `only the kinds ${[...seen].join(", ")} have golden files`);
});

const VERSION = { apiVersion: "gractl/v1", kind: "Version", version: "1", api: 1, deno: "2", platform: "x" };

Deno.test("assertDocument() accepts a document that matches", () => assertDocument(VERSION));

for (
  const [title, document] of [
    ["a missing field", { ...VERSION, api: undefined }],
    ["a field of another type", { ...VERSION, api: "1" }],
    ["a field that the schema does not name", { ...VERSION, more: 1 }],
    ["another apiVersion", { ...VERSION, apiVersion: "gractl/v2" }],
    ["a kind without a schema", { ...VERSION, kind: "Nothing" }],
  ] as const
) {
  Deno.test(`assertDocument() refuses ${title}`, () => {
    assert.throws(() => assertDocument(JSON.parse(JSON.stringify(document))));
  });
}

Deno.test("jsonSchemaOf() allows further fields in every object, since documents may gain fields", () => {
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("properties" in value) assert.equal((value as Record<string, unknown>)["additionalProperties"], true);
    Object.values(value).forEach(visit);
  };
  KINDS.forEach((kind) => visit(jsonSchemaOf(kind)));
});
