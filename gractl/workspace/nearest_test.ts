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
