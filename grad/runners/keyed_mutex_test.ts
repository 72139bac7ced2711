import assert from "node:assert/strict";
import { KeyedMutex } from "./keyed_mutex.ts";

Deno.test("KeyedMutex.run() runs one at a time for a key, in order, after failures too", async () => {
  const mutex = new KeyedMutex();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const a = mutex.run("k", async () => {
    seen.push("a begins");
    await first.promise;
    throw new Error("a failed");
  });
  const b = mutex.run("k", () => Promise.resolve(seen.push("b")));
  await mutex.run("other", () => Promise.resolve(seen.push("other")));
  assert.deepEqual(seen, ["a begins", "other"]);
  first.resolve();
  await assert.rejects(a, /a failed/);
  await b;
  assert.deepEqual(seen, ["a begins", "other", "b"]);
});
