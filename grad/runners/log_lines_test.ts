import assert from "node:assert/strict";
import { linesAtEnd, MAX_LOG_BYTES } from "./log_lines.ts";

for (
  const [name, text, want] of [
    ["all of few lines", "a\nb\n", "a\nb\n"],
    ["the last of many lines", "a\nb\nc\nd\n", "b\nc\nd\n"],
    ["a line that has not ended", "a\nb\nc\nd", "b\nc\nd"],
    ["nothing", "", ""],
  ] as const
) {
  Deno.test(`linesAtEnd() keeps ${name}`, () => assert.equal(linesAtEnd(text, 3), want));
}

Deno.test("linesAtEnd() keeps whole lines within its bound, and the end of a line that is longer", () => {
  const line = `${"x".repeat(MAX_LOG_BYTES / 2)}\n`;
  assert.equal(linesAtEnd(line.repeat(3), 9), line);
  assert.equal(linesAtEnd(line.repeat(3).replaceAll("\n", "x"), 9).length, MAX_LOG_BYTES);
});
