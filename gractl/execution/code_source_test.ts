import assert from "node:assert/strict";
import { checkCode, type CodeOptions, readCode } from "./code_source.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const none: CodeOptions = { code: undefined, file: undefined, operand: undefined };
const readers = {
  readFile(path: string) {
    if (path === "a.py") return Promise.resolve(bytes("1+1"));
    if (path === "n.ipynb") {
      const cells = [{ cell_type: "code", source: "3+3" }];
      return Promise.resolve(bytes(JSON.stringify({ cells, nbformat: 4 })));
    }
    if (path === "folder") return Promise.reject(new Deno.errors.IsADirectory("x"));
    if (path === "secret.py") return Promise.reject(new Deno.errors.PermissionDenied("x"));
    return Promise.reject(new Deno.errors.NotFound("x"));
  },
  readStdin: () => Promise.resolve(bytes("2+2")),
  stdinIsPiped: false,
};

const accepted: [name: string, options: Partial<CodeOptions>, code: string][] = [
  ["text", { code: "3" }, "3"],
  ["code that looks like an option", { code: "-x" }, "-x"],
  ["a file", { file: "a.py" }, "1+1"],
  ["standard input as operand", { operand: "-" }, "2+2"],
  ["standard input as file", { file: "-" }, "2+2"],
  ["a file as operand", { operand: "a.py" }, "1+1"],
  ["a notebook", { operand: "n.ipynb" }, "%%cells n.ipynb # %%\n# %% 1\n3+3\n"],
];
for (const [name, options, code] of accepted) {
  Deno.test(`readCode() accepts ${name}`, async () => {
    assert.equal(await readCode({ ...none, ...options }, readers), code);
  });
}

const refused: [name: string, options: Partial<CodeOptions>, code: string][] = [
  ["no source", {}, "usage"],
  ["two sources", { code: "1", file: "a.py" }, "usage"],
  ["two sources, one as operand", { code: "1", operand: "a.py" }, "usage"],
  ["a missing file as operand", { operand: "b.py" }, "file_not_found"],
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

Deno.test("readCode() reads what is piped where nothing else names the code", async () => {
  assert.equal(await readCode(none, { ...readers, stdinIsPiped: true }), "2+2");
  const empty = { ...readers, stdinIsPiped: true, readStdin: () => Promise.resolve(bytes("")) };
  await assert.rejects(readCode(none, empty), { code: "usage", message: /no code is given/ });
});

Deno.test("readCode() says how to run an operand that is code", async () => {
  for (const operand of ["print(1)", "1 + 1", "42"]) {
    await assert.rejects(readCode({ ...none, operand }, readers), { hint: /gractl run --code / });
  }
  await assert.rejects(readCode({ ...none, operand: "b.py" }, readers), { hint: "Check the path." });
});

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
