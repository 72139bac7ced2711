import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { readAll } from "./read_all.ts";

const never = new AbortController().signal;

Deno.test("readAll() joins the chunks of a stream", async () => {
  const stream = ReadableStream.from([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
  assert.deepEqual([...await readAll(stream, { maxBytes: 3, what: "it", signal: never })], [1, 2, 3]);
});

Deno.test("readAll() refuses more than its maximum", async () => {
  const stream = ReadableStream.from([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  await assert.rejects(readAll(stream, { maxBytes: 2, what: "it", signal: never }), {
    code: "invalid_argument",
  });
});

Deno.test("readAll() ends on its signal while no data arrives", async () => {
  const stop = new AbortController();
  const reading = readAll(new ReadableStream<Uint8Array>(), { maxBytes: 2, what: "it", signal: stop.signal });
  stop.abort(new GradError("cancelled", "Enough"));
  await assert.rejects(reading, { code: "cancelled" });
});
