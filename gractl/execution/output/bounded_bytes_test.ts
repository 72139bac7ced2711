import assert from "node:assert/strict";
import { BoundedBytes } from "./bounded_bytes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("BoundedBytes stores everything up to its bound", () => {
  const stored = new BoundedBytes(10);
  for (const part of ["abc", "defg", "hij"]) stored.add(bytes(part));
  assert.equal(stored.text(), "abcdefghij");
  assert.equal(stored.omitted, 0);
});

Deno.test("BoundedBytes stores the head and tail of longer input, and the number of omitted bytes", () => {
  const stored = new BoundedBytes(10);
  for (const part of ["abcdefg", "hijklmnop", "qrstuvw", "x", "yz"]) stored.add(bytes(part));
  assert.equal(stored.text(), "abcde\n[… 16 bytes omitted …]\nvwxyz");
  assert.equal(stored.omitted, 16);
});

Deno.test("BoundedBytes does not depend on how its input is split", () => {
  const whole = Uint8Array.from({ length: 997 }, (_, at) => 97 + at % 26);
  for (let step = 1; step < 200; step += 7) {
    const stored = new BoundedBytes(64);
    for (let at = 0; at < whole.length; at += step) stored.add(whole.subarray(at, at + step));
    const text = new TextDecoder().decode(whole);
    assert.equal(stored.text(), `${text.slice(0, 32)}\n[… ${997 - 64} bytes omitted …]\n${text.slice(-32)}`);
  }
});

Deno.test("BoundedBytes does not split a character at the gap", () => {
  const stored = new BoundedBytes(10);
  stored.add(bytes("abc€defghij€klmä"));
  assert.equal(stored.text(), "abc\n[… 13 bytes omitted …]\nklmä");
});

Deno.test("BoundedBytes splits no character and counts every byte, for all bounds and mixes of characters", () => {
  const characters = ["a", "¢", "ä", "ࠀ", "€", "𐀀", "😀"];
  for (const [at, first] of characters.entries()) {
    const text = [first, ...characters.slice(at), ...characters].join("").repeat(2);
    const total = bytes(text).length;
    for (let bound = 0; bound < 24; bound++) {
      const stored = new BoundedBytes(bound);
      stored.add(bytes(text));
      const [, head, omitted, tail] = /^(.*)\n\[… (\d+) bytes omitted …\]\n(.*)$/s.exec(stored.text()) ?? [];
      assert.ok(text.startsWith(head!) && text.endsWith(tail!), `${bound}: ${head}…${tail}`);
      assert.equal(bytes(head!).length + Number(omitted) + bytes(tail!).length, total);
      // At most three bytes of a character are removed on each side.
      assert.ok(bytes(head!).length > Math.ceil(bound / 2) - 4);
      assert.ok(bytes(tail!).length > Math.floor(bound / 2) - 4);
    }
  }
});

Deno.test("BoundedBytes keeps whole characters at its bounds", () => {
  for (const character of ["¢", "€", "😀"]) {
    const stored = new BoundedBytes(2 * bytes(character).length);
    stored.add(bytes(`${character}-${character}`));
    assert.equal(stored.text(), `${character}\n[… 1 bytes omitted …]\n${character}`);
  }
});

Deno.test("BoundedBytes decodes a character that arrives in two parts", () => {
  const stored = new BoundedBytes(100);
  const [a, b] = [bytes("€").subarray(0, 1), bytes("€").subarray(1)];
  stored.add(a);
  stored.add(b);
  assert.equal(stored.text(), "€");
});

Deno.test("BoundedBytes replaces invalid UTF-8", () => {
  const stored = new BoundedBytes(100);
  stored.add(Uint8Array.of(97, 0xff, 98));
  assert.equal(stored.text(), "a\ufffdb");
});

for (const letter of ["x", "ü", "€", "🚀"]) {
  Deno.test(`BoundedBytes stores as many whole ${letter} as fit into each half`, () => {
    const [input, size] = [bytes(letter.repeat(50)), bytes(letter).length];
    for (let max = 2; max < 40; max++) {
      const stored = new BoundedBytes(max);
      stored.add(input);
      const head = Math.floor(Math.ceil(max / 2) / size);
      const tail = Math.floor(Math.floor(max / 2) / size);
      const omitted = input.length - (head + tail) * size;
      const want = `${letter.repeat(head)}\n[… ${omitted} bytes omitted …]\n${letter.repeat(tail)}`;
      assert.equal(stored.text(), want, `${max} bytes`);
    }
  });
}

const gaps: [name: string, input: readonly number[], bound: number, want: string][] = [
  [
    "after a whole character that ends with 0xbf",
    [0xc2, 0xbf, 97, 98, 99, 100],
    4,
    "¿\n[… 2 bytes omitted …]\ncd",
  ],
  [
    "after a whole character that begins with 0xdf",
    [0xdf, 0xbf, 97, 98, 99, 100],
    4,
    "\u07ff\n[… 2 bytes omitted …]\ncd",
  ],
  [
    "after a whole character that begins with 0xef",
    [0xef, 0xbf, 0xae, 97, 98, 99, 100],
    6,
    "\uffee\n[… 1 bytes omitted …]\nbcd",
  ],
  ["before a first byte 0xc0", [97, 0xc0, 0x80, 98, 99, 100], 4, "a\n[… 3 bytes omitted …]\ncd"],
  ["with the first two bytes of three", [0xe0, 0xa0, 0x80, 97, 98, 99], 4, "\n[… 4 bytes omitted …]\nbc"],
  [
    "with the first three bytes of four",
    [0xf0, 0x90, 0x80, 0x80, 97, 98, 99],
    6,
    "\n[… 4 bytes omitted …]\nabc",
  ],
  [
    "of bytes that are no character, at most three",
    [97, 97, 97, 97, 97, ...new Uint8Array(6).fill(0x80)],
    10,
    "aaaaa\n[… 4 bytes omitted …]\n\ufffd\ufffd",
  ],
];
for (const [name, input, bound, want] of gaps) {
  Deno.test(`BoundedBytes cuts at the gap ${name}`, () => {
    const stored = new BoundedBytes(bound);
    stored.add(Uint8Array.from(input));
    assert.equal(stored.text(), want);
  });
}
