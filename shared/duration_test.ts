import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "./duration.ts";

const parsed: [text: string, ms: number][] = [
  ["500ms", 500],
  ["30s", 30_000],
  ["1.5s", 1_500],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["2d", 172_800_000],
];
for (const [text, ms] of parsed) {
  Deno.test(`parseDuration() reads ${text}`, () => assert.equal(parseDuration(text), ms));
}

for (const text of ["", "30", "s", "-1s", "1 s", "5x", "1h-2m"]) {
  Deno.test(`parseDuration() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseDuration(text), { code: "invalid_argument" });
  });
}

const formatted: [ms: number, text: string][] = [
  [0, "0 ms"],
  [840, "840 ms"],
  [999, "999 ms"],
  [1_000, "1.0 s"],
  [12_345, "12.3 s"],
  [59_949, "59.9 s"],
  [59_950, "1 m 00 s"],
  [245_000, "4 m 05 s"],
  [3_599_000, "59 m 59 s"],
  [3_600_000, "1 h 00 m"],
  [7_800_000, "2 h 10 m"],
];
for (const [ms, text] of formatted) {
  Deno.test(`formatDuration() writes ${text}`, () => assert.equal(formatDuration(ms), text));
}
