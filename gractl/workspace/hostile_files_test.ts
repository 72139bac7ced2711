import assert from "node:assert/strict";
import { parseConfig } from "./parse_config.ts";
import { parseDataset } from "./parse_dataset.ts";
import { MAX_BYTES } from "../../shared/yaml/read_start.ts";
import { setKey } from "./set_key.ts";

const HEAD = "apiVersion: gractl/v1\nkind: Dataset\nname: x\ntype: s3\n";

/** A text of the largest size that is read. */
function fill(unit: (at: number) => string, head = ""): string {
  const parts = [head];
  for (let at = 0, length = head.length; length < MAX_BYTES; at++) {
    const part = unit(at);
    parts.push(part);
    length += part.length;
  }
  return parts.join("").slice(0, MAX_BYTES);
}

/** Each took seconds to minutes when something looked at the whole text, or at all keys, for each fault. */
const HOSTILE: Readonly<Record<string, string>> = {
  "a key many times": fill(() => "a: 1\n"),
  "unknown keys": fill((at) => `k${at}: 1\n`, HEAD),
  "unknown keys of the source": fill((at) => `  b${at}: 1\n`, `${HEAD}s3:\n`),
  "keys of secrets": fill((at) => `"pass${"_".repeat(at % 50)}word": 1\n`, HEAD),
  "closing brackets": fill(() => "}\n"),
  "brackets the wrong way round": fill(() => "]: {\n"),
  "open quotes": fill(() => `a: "b\n`),
  "open single quotes": fill(() => "a: 'b\n"),
  "quotes alone": fill(() => `  "\n`),
  "unknown escapes": fill(() => `a: "\\q"\n`),
  "reserved characters": fill((at) => `a${at}: @\n`),
  "directives": fill(() => "%YAML 1.2\n"),
  "empty keys": fill(() => ": a\n"),
  "block texts": fill(() => "a: |\n"),
  "tags": fill((at) => `a${at}: !x 1\n`),
  "deep flow collections": fill(() => "{a: "),
  "deep lists": "[".repeat(MAX_BYTES),
  "deep block lists": fill(() => "- "),
  "deep indentation": fill((at) => `${" ".repeat(at)}a:\n`),
  "aliases of aliases": fill(
    (at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`,
    "a0: &a0 [1]\n",
  ),
  "merged aliases": fill((at) => `m${at}: {<<: *a, <<: *a}\n`, "a: &a {x: 1}\n"),
  "one long line": `${HEAD}description: ${"x".repeat(MAX_BYTES)}`,
  "line ends": "\n".repeat(MAX_BYTES),
  "carriage returns": "\r".repeat(MAX_BYTES),
  "spaces": " ".repeat(MAX_BYTES),
};
for (const [name, text] of Object.entries(HOSTILE)) {
  // Without the fixes this file alone takes some ten minutes: the runs of tests have a deadline.
  Deno.test(`parsing 64 KiB of ${name} ends with faults`, async () => {
    const bytes = new TextEncoder().encode(text.slice(0, MAX_BYTES));
    const parsed = await parseDataset(bytes, { file: "/w/datasets/x.yaml", home: undefined });
    assert.ok(parsed.faults.length > 0);
    assert.ok(parseConfig(bytes, "/w/config.yaml").faults.length > 0);
    setKey(text.slice(0, MAX_BYTES), "runner", "x");
  });
}

Deno.test("a file of more than 64 KiB is one fault, and is not parsed", async () => {
  const bytes = new TextEncoder().encode(fill(() => "}\n") + "}");
  const { faults } = await parseDataset(bytes, { file: "/w/datasets/x.yaml", home: undefined });
  assert.deepEqual(faults.map(({ message }) => message), ["is larger than 64 KiB; shorten it"]);
});
