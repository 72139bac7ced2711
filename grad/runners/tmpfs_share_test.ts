import assert from "node:assert/strict";
import { tmpfsBytes } from "./tmpfs_share.ts";

Deno.test("tmpfsBytes() leaves at least half of the memory to processes", () => {
  for (const [memoryMib, mib] of [[64, 16], [256, 32], [512, 96], [1024, 224], [8192, 2016]] as const) {
    assert.equal(tmpfsBytes(memoryMib), mib * 2 ** 20);
  }
});
