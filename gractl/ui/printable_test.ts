import assert from "node:assert/strict";
import { printable, printableJson, printableLines } from "./printable.ts";

const cases: [text: string, want: string][] = [
  ["plain é✓", "plain é✓"],
  ["\n", "\\n"],
  ["\t", "\\t"],
  ["\r", "\\x0d"],
  ["\u0000", "\\x00"],
  ["\u001f", "\\x1f"],
  [" ~", " ~"],
  ["\u007f\u009f", "\\x7f\\x9f"],
  ["\u00a0", "\u00a0"],
  ["\u061c", "\\u061c"],
  ["\u200e\u200f", "\\u200e\\u200f"],
  ["\u2028\u202e", "\\u2028\\u202e"],
  ["\u2066\u2069", "\\u2066\\u2069"],
  ["\u200b\u2060\ufeff\u00ad", "\\u200b\\u2060\\ufeff\\xad"],
  ["a\u200db", "a\\u200db"],
  ["\u{e0041}", "\\u{e0041}"],
  ["👩‍🚀 👍🏽 ☀️ 1️⃣", "👩‍🚀 👍🏽 ☀️ 1️⃣"],
  ["a\ufe0f", "a\\ufe0f"],
];
for (const [text, want] of cases) {
  Deno.test(`printable() of ${JSON.stringify(printable(text))} is exact`, () =>
    assert.equal(printable(text), want));
}

Deno.test("printableLines() leaves line ends and tabs, and shows everything else as escapes", () => {
  assert.equal(printableLines("a\tb\x1b\nc\r\n"), "a\tb\\x1b\nc\\x0d\n");
});

Deno.test("printableJson() keeps the value and its lines, and escapes what acts on a terminal", () => {
  const value = { "a\u202e": ["\x7f\x9b\x1b[2J", "\u200b\u{e0041}\u2028", "é✓👩‍🚀"] };
  const json = printableJson(JSON.stringify(value, undefined, 2));
  assert.deepEqual(JSON.parse(json), value);
  assert.match(json, /^[\n\x20-\x7eé✓👩‍🚀]*$/u);
  assert.equal(json.split("\n").length, 7);
});
