import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { styleFor } from "./style.ts";

const stream = (isTTY: boolean) => Object.assign(new Writable(), { isTTY, getColorDepth: () => 8 });

Deno.test("styleFor() a stream that is no terminal leaves text as it is", () => {
  assert.equal(styleFor(stream(false)).red("x"), "x");
});

Deno.test("styleFor() no stream leaves text as it is", () => {
  assert.equal(styleFor(undefined).red("x"), "x");
});

Deno.test("styleFor() a terminal with colours ends each style where its text ends", () => {
  const style = styleFor(stream(true));
  assert.equal(style.red("x"), "\x1b[31mx\x1b[39m");
  assert.equal(style.dim("x"), "\x1b[2mx\x1b[22m");
  assert.equal(style.bold(style.red("a") + "b"), "\x1b[1m\x1b[31ma\x1b[39mb\x1b[22m");
  assert.equal(style.bold(""), "");
});
