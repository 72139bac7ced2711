import assert from "node:assert/strict";
import { formatSize, parseSize } from "./size.ts";

const parsed: [text: string, bytes: number][] = [
  ["1024", 1_024],
  ["4GiB", 4 * 2 ** 30],
  ["1.5 MiB", 1.5 * 2 ** 20],
  ["10GB", 1e10],
  ["12kB", 12_000],
];
for (const [text, bytes] of parsed) {
  Deno.test(`parseSize() reads ${text}`, () => assert.equal(parseSize(text), bytes));
}

for (const text of ["", "GiB", "-1", "4 gigs", "4toString", "1e3"]) {
  Deno.test(`parseSize() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseSize(text), { code: "invalid_argument" });
  });
}

const formatted: [bytes: number, text: string][] = [
  [0, "0 B"],
  [1_023, "1023 B"],
  [1_024, "1.0 KiB"],
  [1_023 * 2 ** 10, "1023 KiB"],
  [1_536, "1.5 KiB"],
  [12 * 2 ** 20, "12 MiB"],
  [3 * 2 ** 40, "3.0 TiB"],
];
for (const [bytes, text] of formatted) {
  Deno.test(`formatSize() writes ${text}`, () => assert.equal(formatSize(bytes), text));
}
