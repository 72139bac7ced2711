import assert from "node:assert/strict";
import { checkProcess } from "./check_process.ts";

const MOST = 256 * 1024;

Deno.test("checkProcess() accepts names and values that a process can have, up to their bound", () => {
  checkProcess({ variables: {}, workingDirectory: "" });
  checkProcess({ variables: { A: "", "a b": "=\n", x: "v".repeat(MOST - 7) }, workingDirectory: "/tmp" });
  checkProcess({ variables: {}, workingDirectory: "d".repeat(4_000) });
});

const refused: [name: string, variables: Record<string, string>, workingDirectory: string][] = [
  ["an empty name", { "": "x" }, ""],
  ["a name with =", { "A=B": "x" }, ""],
  ["a name with a NUL byte", { "A\0": "x" }, ""],
  ["a value with a NUL byte", { A: "\0" }, ""],
  ["too many bytes", { A: "ü".repeat(MOST / 2) }, ""],
  ["a folder with a NUL byte", {}, "a\0"],
  ["a folder whose path is too long", {}, "d".repeat(4_001)],
];
for (const [name, variables, workingDirectory] of refused) {
  Deno.test(`checkProcess() refuses ${name}`, () => {
    assert.throws(() => checkProcess({ variables, workingDirectory }), { code: "invalid_argument" });
  });
}
