import assert from "node:assert/strict";
import { printable, printableLines } from "./printable.ts";

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
];
for (const [text, want] of cases) {
  Deno.test(`printable() of ${JSON.stringify(printable(text))} is exact`, () =>
    assert.equal(printable(text), want));
}

Deno.test("printableLines() leaves line ends and tabs, and shows everything else as escapes", () => {
  assert.equal(printableLines("a\tb\x1b\nc\r\n"), "a\tb\\x1b\nc\\x0d\n");
});
