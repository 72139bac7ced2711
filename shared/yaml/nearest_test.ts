import assert from "node:assert/strict";
import { nearest } from "./nearest.ts";

const known = ["bucket", "prefix", "endpoint", "region", "pathStyle"];
for (
  const [word, want] of [
    ["bukcet", "bucket"],
    ["Bucket", "bucket"],
    ["path_style", "pathStyle"],
    ["path-stile", "pathStyle"],
    ["regions", "region"],
    ["end_point", "endpoint"],
    ["url", undefined],
    ["x", undefined],
    ["", undefined],
    ["x".repeat(10_000), undefined],
  ] as const
) {
  Deno.test(`nearest() of ${JSON.stringify(word.slice(0, 20))} is ${want}`, () => {
    assert.equal(nearest(word, known), want);
  });
}

/** A word, the only known one, and whether it is near enough: a third of its characters may differ, one at least, never all. */
const bounds: [word: string, only: string, near: boolean][] = [
  ["a", "a", true],
  ["a", "b", false],
  ["ab", "ac", true],
  ["ab", "cd", false],
  ["ab", "ba", true],
  ["abc", "bac", true],
  ["abc", "acb", true],
  ["abc", "cba", false],
  ["abcde", "abcdx", true],
  ["abcde", "abcxy", false],
  ["abcdef", "abcdxy", true],
  ["abcdef", "abcxyz", false],
  ["abcdef", "abcd", true],
  ["abcdefg", "abcd", false],
  ["abcdef", "abcdefgh", true],
  ["abcdef", "abcdefghi", false],
  ["abcdef", "badcef", true],
  ["abcdef", "badcfe", false],
  ["abcdef", "xacbdef", true],
  ["abcdef", "ybacdfe", false],
  ["abcdefghi", "abcdefxyz", true],
  ["abcdefghi", "abcdexyzw", false],
  ["abcdefghi", "badcfeghi", true],
  ["abcdefghi", "badcfehgi", false],
];
for (const [word, only, near] of bounds) {
  Deno.test(`nearest() takes ${only} ${near ? "" : "not "}for ${word}`, () => {
    assert.equal(nearest(word, [only]), near ? only : undefined);
  });
}

Deno.test("nearest() is the one with the fewest edits, wherever it stands", () => {
  assert.equal(nearest("abcdef", ["abcdxy", "abcdex", "xbcdey"]), "abcdex");
  assert.equal(nearest("abcdef", ["abcdex", "abcdxy"]), "abcdex");
});
