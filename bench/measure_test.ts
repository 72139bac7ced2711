import assert from "node:assert/strict";
import { compare, interleaved, keeps, median, quantile } from "./measure.ts";

Deno.test("quantile() interpolates between neighbours", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(quantile([0, 10], 0.9), 9);
});

Deno.test("compare() says whether the ratio keeps its target", () => {
  const sides = { ours: [3, 3, 3], baseline: [2, 2, 2], baselineName: "x" };
  assert.equal(compare("a", sides, { target: "<= 1.5" }).met, true);
  assert.equal(compare("a", sides, { target: "<= 1.4" }).met, false);
  assert.equal(keeps(10, ">= 10"), true);
});

Deno.test("interleaved() alternates who goes first and leaves warm-ups out", async () => {
  const order: string[] = [];
  const side = (name: string) => () => (order.push(name), Promise.resolve(1));
  const taken = await interleaved({ a: side("a"), b: side("b") }, { runs: 2, warmUps: 1 });
  assert.equal(order.join(""), "baabba");
  assert.deepEqual(taken, { a: [1, 1], b: [1, 1] });
});
