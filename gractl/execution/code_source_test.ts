import assert from "node:assert/strict";
import { checkCode, type CodeOptions, readCode } from "./code_source.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const none: CodeOptions = { code: undefined, file: undefined, operand: undefined };
const readers = {
  readFile(path: string) {
    if (path === "a.py") return Promise.resolve(bytes("1+1"));
    if (path === "folder") return Promise.reject(new Deno.errors.IsADirectory("x"));
    if (path === "secret.py") return Promise.reject(new Deno.errors.PermissionDenied("x"));
    return Promise.reject(new Deno.errors.NotFound("x"));
  },
  readStdin: () => Promise.resolve(bytes("2+2")),
};

const accepted: [name: string, options: Partial<CodeOptions>, code: string][] = [
  ["text", { code: "3" }, "3"],
  ["code that looks like an option", { code: "-x" }, "-x"],
  ["a file", { file: "a.py" }, "1+1"],
  ["standard input as operand", { operand: "-" }, "2+2"],
  ["standard input as file", { file: "-" }, "2+2"],
];
for (const [name, options, code] of accepted) {
  Deno.test(`readCode() accepts ${name}`, async () => {
    assert.equal(await readCode({ ...none, ...options }, readers), code);
  });
}

const refused: [name: string, options: Partial<CodeOptions>, code: string][] = [
  ["no source", {}, "usage"],
  ["two sources", { code: "1", file: "a.py" }, "usage"],
  ["an argument other than -", { operand: "print(1)" }, "usage"],
  ["a missing file", { file: "b.py" }, "file_not_found"],
  ["empty code", { code: " \n" }, "invalid_code"],
  ["a NUL byte", { code: "a\0b" }, "invalid_code"],
  ["a NUL byte at the start", { code: "\0b" }, "invalid_code"],
  ["a folder", { file: "folder" }, "invalid_argument"],
];
for (const [name, options, code] of refused) {
  Deno.test(`readCode() refuses ${name}`, () =>
    assert.rejects(readCode({ ...none, ...options }, readers), { code }));
}

Deno.test("readCode() passes other errors of reading on", () =>
  assert.rejects(readCode({ ...none, file: "secret.py" }, readers), Deno.errors.PermissionDenied));

Deno.test("readCode() reads one byte more than it accepts, so that longer input is refused", async () => {
  const limits: number[] = [];
  const readStdin = (maxBytes: number) => (limits.push(maxBytes), Promise.resolve(bytes("1")));
  await readCode({ ...none, operand: "-" }, { ...readers, readStdin });
  assert.deepEqual(limits, [4 * 2 ** 20 + 1]);
});

Deno.test("checkCode() refuses invalid UTF-8", () => {
  assert.throws(() => checkCode(Uint8Array.of(97, 0xff)), { code: "invalid_code" });
});

Deno.test("checkCode() accepts 4 MiB and refuses more", () => {
  const largest = new Uint8Array(4 * 2 ** 20).fill(97);
  assert.equal(checkCode(largest).length, largest.length);
  assert.throws(() => checkCode(new Uint8Array(largest.length + 1).fill(97)), { code: "invalid_code" });
});
