import assert from "node:assert/strict";
import { decodeUtf8 } from "./decode_utf8.ts";

Deno.test("decodeUtf8() returns the text without a byte order mark", () => {
  assert.deepEqual(decodeUtf8(new TextEncoder().encode("\ufeffflüge ✈\n")), { text: "flüge ✈\n" });
});

for (
  const [name, bytes, want] of [
    ["a byte of Latin-1", [0x61, 0x0a, 0x62, 0xe9, 0x63], { line: 2, column: 2 }],
    ["an invalid first byte", [0xff, 0x61], { line: 1, column: 1 }],
    ["an incomplete character", [0x61, 0xe2, 0x82], { line: 1, column: 2 }],
    ["an invalid byte after multi-byte characters", [0xc3, 0xbc, 0xe2, 0x82, 0xac, 0x80], {
      line: 1,
      column: 3,
    }],
  ] as const
) {
  Deno.test(`decodeUtf8() returns the position of ${name}`, () => {
    assert.deepEqual(decodeUtf8(Uint8Array.from(bytes)), want);
  });
}
