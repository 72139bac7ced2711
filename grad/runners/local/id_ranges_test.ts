import assert from "node:assert/strict";
import { delegatedIds, idAt, intersect, mappedIds, namedIds, sizeOf, subtract } from "./id_ranges.ts";

const range = (first: number, last: number) => ({ first, last });

Deno.test("intersect() has what both have, ends included", () => {
  const [a, b] = [[range(10, 20), range(30, 40)], [range(20, 30), range(39, 50), range(0, 5)]];
  assert.deepEqual(intersect(a, b), [range(20, 20), range(30, 30), range(39, 40)]);
  assert.deepEqual(intersect(a, []), []);
});

for (
  const [name, without, left] of [
    ["nothing", [], [range(10, 20)]],
    ["what lies outside", [range(0, 9), range(21, 30)], [range(10, 20)]],
    ["its ends", [range(0, 10), range(20, 30)], [range(11, 19)]],
    ["its middle", [range(12, 12), range(15, 16)], [range(10, 11), range(13, 14), range(17, 20)]],
    ["all of it", [range(5, 25)], []],
  ] as const
) {
  Deno.test(`subtract() takes away ${name}`, () =>
    assert.deepEqual(subtract([range(10, 20)], without), left));
}

Deno.test("idAt() counts through the ranges", () => {
  const ranges = [range(10, 11), range(20, 22)];
  assert.equal(sizeOf(ranges), 5);
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((index) => idAt(ranges, index)), [10, 11, 20, 21, 22, undefined]);
});

Deno.test("mappedIds(), namedIds() and delegatedIds() read the machine's files, whatever else stands in them", () => {
  assert.deepEqual(mappedIds("         0     100000      65536\n     70000          1          2\n"), [
    range(0, 65_535),
    range(70_000, 70_001),
  ]);
  assert.deepEqual(
    namedIds("root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n# no\n+::::::\n"),
    [
      range(0, 0),
      range(1_000, 1_000),
    ],
  );
  assert.deepEqual(delegatedIds("ann:100000:65536\n\nbob:x:y\n"), [range(100_000, 165_535)]);
});
