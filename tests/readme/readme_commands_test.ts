import assert from "node:assert/strict";
import { examples, isPrinted } from "./readme_commands.ts";

Deno.test("examples() takes blocks that are marked, with what follows them directly", () => {
  const markdown = [
    "# Title",
    "```sh run",
    "one",
    "two",
    "```",
    "",
    "```text",
    "out 1",
    "…",
    "  out 2",
    "```",
    "```sh",
    "not me",
    "```",
    "```sh run",
    "three",
    "```",
    "words",
    "```text",
    "not its output",
    "```",
  ].join("\n");
  assert.deepEqual(examples(markdown), [
    { line: 2, commands: "one\ntwo\n", printed: ["out 1", "out 2"] },
    { line: 15, commands: "three\n", printed: [] },
  ]);
});

Deno.test("isPrinted() lets … stand for anything in a line and blanks for blanks", () => {
  assert.ok(isPrinted("took … ms (ok)", "it took 12.5 ms  (ok)"));
  assert.ok(isPrinted("a  b", "a b"));
  assert.ok(!isPrinted("took … ms", "took\nlong ms"));
  assert.ok(!isPrinted("a.b", "axb"));
});
