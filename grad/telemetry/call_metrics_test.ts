import assert from "node:assert/strict";
import { CallCounts, DURATION_BOUNDS } from "./call_metrics.ts";

Deno.test("CallCounts counts calls by method and code, and those under way", () => {
  const counts = new CallCounts(["Get", "List"]);
  for (const code of ["ok", "ok", "grad_busy"] as const) {
    counts.started("Get");
    counts.ended("Get", code, 0.002);
  }
  counts.started("List");
  const { Get, List } = Object.fromEntries(counts.snapshot());
  assert.deepEqual(Get?.ended, new Map([["ok", 2], ["grad_busy", 1]]));
  assert.equal(Get?.running, 0);
  assert.equal(List?.running, 1);
  assert.deepEqual(List?.ended, new Map());
});

for (
  const [seconds, bucket] of [[0, 0], [0.001, 0], [0.0011, 1], [30, 9], [31, DURATION_BOUNDS.length]] as const
) {
  Deno.test(`CallCounts puts a call of ${seconds} s into bucket ${bucket}`, () => {
    const counts = new CallCounts(["Get"]);
    counts.started("Get");
    counts.ended("Get", "ok", seconds);
    const { buckets, secondsSum } = counts.snapshot().get("Get")!;
    assert.equal(buckets[bucket], 1);
    assert.equal(buckets.length, DURATION_BOUNDS.length + 1);
    assert.equal(secondsSum, seconds);
  });
}

Deno.test("CallCounts ignores a method that is not of its set, and its snapshot stays as it was", () => {
  const counts = new CallCounts<string>(["Get"]);
  const before = counts.snapshot();
  counts.started("Get");
  counts.started("Other");
  counts.ended("Other", "ok", 1);
  assert.equal(before.get("Get")?.running, 0);
  assert.deepEqual([...counts.snapshot().keys()], ["Get"]);
});
