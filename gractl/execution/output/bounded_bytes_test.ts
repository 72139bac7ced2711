import assert from "node:assert/strict";
import { BoundedBytes } from "./bounded_bytes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("BoundedBytes keeps everything up to its bound", () => {
  const kept = new BoundedBytes(10);
  for (const part of ["abc", "defg", "hij"]) kept.add(bytes(part));
  assert.equal(kept.text(), "abcdefghij");
  assert.equal(kept.left, 0);
});

Deno.test("BoundedBytes keeps head and tail of more, and says how much is left out", () => {
  const kept = new BoundedBytes(10);
  for (const part of ["abcdefg", "hijklmnop", "qrstuvw", "x", "yz"]) kept.add(bytes(part));
  assert.equal(kept.text(), "abcde\n[… 16 bytes left out …]\nvwxyz");
  assert.equal(kept.left, 16);
});

Deno.test("BoundedBytes equals a slice of the whole, however it is cut into parts", () => {
  const whole = Uint8Array.from({ length: 997 }, (_, at) => 97 + at % 26);
  for (let step = 1; step < 200; step += 7) {
    const kept = new BoundedBytes(64);
    for (let at = 0; at < whole.length; at += step) kept.add(whole.subarray(at, at + step));
    const text = new TextDecoder().decode(whole);
    assert.equal(kept.text(), `${text.slice(0, 32)}\n[… ${997 - 64} bytes left out …]\n${text.slice(-32)}`);
  }
});

Deno.test("BoundedBytes does not cut through a character", () => {
  const kept = new BoundedBytes(10);
  kept.add(bytes("abc€defghij€klmä"));
  assert.equal(kept.text(), "abc\n[… 13 bytes left out …]\nklmä");
});

Deno.test("BoundedBytes decodes a character that arrives in two parts", () => {
  const kept = new BoundedBytes(100);
  const [a, b] = [bytes("€").subarray(0, 1), bytes("€").subarray(1)];
  kept.add(a);
  kept.add(b);
  assert.equal(kept.text(), "€");
});

Deno.test("BoundedBytes replaces what is not UTF-8", () => {
  const kept = new BoundedBytes(100);
  kept.add(Uint8Array.of(97, 0xff, 98));
  assert.equal(kept.text(), "a\ufffdb");
});
