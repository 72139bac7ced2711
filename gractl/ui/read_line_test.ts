import assert from "node:assert/strict";
import { readLine } from "./read_line.ts";

const signal = new AbortController().signal;
const streamOf = (...parts: string[]) =>
  ReadableStream.from(parts.map((part) => new TextEncoder().encode(part)));

Deno.test("readLine() reads up to a line end or the end, from several parts", async () => {
  assert.equal(await readLine(streamOf("y", "es\nmore"), signal), "yes");
  assert.equal(await readLine(streamOf("y\r\n"), signal), "y");
  assert.equal(await readLine(streamOf("no end"), signal), "no end");
  assert.equal(await readLine(streamOf(), signal), "");
});

Deno.test("readLine() ends when the signal does, as with Ctrl-C", async () => {
  const stop = new AbortController();
  const reading = readLine(new ReadableStream({ pull: () => new Promise(() => {}) }), stop.signal);
  stop.abort(new Error("cancelled"));
  await assert.rejects(reading, /cancelled/);
});
