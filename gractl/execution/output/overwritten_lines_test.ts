import assert from "node:assert/strict";
import { OverwrittenLines } from "./overwritten_lines.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

function shown(parts: readonly string[]): string {
  const lines = new OverwrittenLines();
  return parts.map((part) => decode(lines.write(encode(part)))).join("") + decode(lines.end());
}

const UP = "\x1b[A";

const cases: [name: string, written: string, shown: string][] = [
  ["plain lines", "a\nb\n", "a\nb\n"],
  ["a line without an end", "a\nb", "a\nb"],
  ["line ends of Windows", "a\r\nb\r\n", "a\r\nb\r\n"],
  ["colours of other lines", "\x1b[31ma\x1b[0m\n", "\x1b[31ma\x1b[0m\n"],
  ["the last state of a bar", "\r  0%|  |\r 50%|# |\r100%|##|\n", "100%|##|\n"],
  ["what a shorter text leaves", "abcdef\rxy\n", "xycdef\n"],
  ["a bar that is removed", "\r 50%|#|\r       \rdone\n", "done\n"],
  ["nothing of a bar that is removed at the end", "\r 50%|#|\r       \r", ""],
  ["erased parts of a line", "abc\r\x1b[Kxy\n", "xy\n"],
  ["an erased line", "abc\r\x1b[2Kxy\n", "xy\n"],
  ["wide characters", "\r進捗 1\r進捗 2\n", "進捗 2\n"],
  [
    "two bars, of which one is above the other",
    `\r0/2\n\r0/9${UP}\n\r9/9${UP}\r1/2\n\r0/9${UP}\n\r9/9${UP}\r2/2\n`,
    "2/2\n9/9",
  ],
  ["text behind a bar", "\r1\r2\nafter\n", "2\nafter\n"],
  ["a mark of byte order", "\ufeffa\n", "\ufeffa\n"],
];
for (const [name, written, wanted] of cases) {
  Deno.test(`OverwrittenLines shows ${name}, however it is cut`, () => {
    assert.equal(shown([written]), wanted);
    assert.equal(shown([...written]), wanted);
  });
}

Deno.test("OverwrittenLines shows the last state of a counter", () => {
  assert.equal(shown(["1 of 3\r2 of 3\r3 of 3\n"]), "3 of 3\n");
});

Deno.test("OverwrittenLines writes whole lines at once", () => {
  const lines = new OverwrittenLines();
  assert.equal(decode(lines.write(encode("a\nb"))), "a\n");
  assert.equal(decode(lines.write(encode("c\n"))), "bc\n");
});

for (
  const [name, bytes] of [
    ["an image", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x0d, 0x41)],
    ["bytes with NUL", encode("a\rb\0c\rd")],
    ["another encoding", Uint8Array.of(0x41, 0x0d, 0xe4, 0x0d, 0x42)],
  ] as const
) {
  Deno.test(`OverwrittenLines passes ${name} unchanged`, () => {
    const lines = new OverwrittenLines();
    const passed = [...lines.write(bytes), ...lines.write(bytes), ...lines.end()];
    assert.deepEqual(passed, [...bytes, ...bytes]);
  });
}

Deno.test("OverwrittenLines passes a character that is never finished", () => {
  const lines = new OverwrittenLines();
  assert.deepEqual([...lines.write(Uint8Array.of(0x61, 0xe2, 0x82)), ...lines.end()], [0x61, 0xe2, 0x82]);
});

Deno.test("OverwrittenLines keeps little of a long line and of many lines", () => {
  const lines = new OverwrittenLines();
  const megabyte = encode("x".repeat(2 ** 20));
  assert.equal(lines.write(megabyte).length, megabyte.length);
  lines.write(encode("\n"));
  for (let n = 0; n < 100; n++) lines.write(encode(`\r${"y".repeat(2 ** 16)}\r`));
  assert.ok(lines.end().length <= 2 ** 16);
  let written = 0;
  for (let n = 0; n < 100; n++) written += lines.write(encode(`\r${n}${UP}\n\n`)).length;
  assert.ok(written > 0);
});

Deno.test("OverwrittenLines forgets what is cleared", () => {
  const lines = new OverwrittenLines();
  lines.write(encode("\r1"));
  lines.clear();
  assert.equal(decode(lines.end()), "");
});
