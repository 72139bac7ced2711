import assert from "node:assert/strict";
import { logTail, plainLine } from "./log_tail.ts";

const lines: [line: string, plain: string][] = [
  ['{"event":"server.failed","error":"no"}', "server.failed: no"],
  ['{"event":"server.failed","error":"no","hint":"do"}', "server.failed: no: do"],
  ['{"event":"server.ready"}', "server.ready"],
  ["plain words", "plain words"],
  ["[1]", "[1]"],
];
for (const [line, plain] of lines) {
  Deno.test(`plainLine() of ${line} is ${plain}`, () => assert.equal(plainLine(line), plain));
}

Deno.test("logTail() gives the last lines from an offset on, without colours", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "old\n\x1b[31mone\x1b[0m\ntwo\n\nthree\n");
    assert.equal(await logTail(file, { offset: 4, lines: 8 }), "one\ntwo\nthree");
    assert.equal(await logTail(file, { offset: 4, lines: 2 }), "two\nthree");
    assert.equal(await logTail("/nowhere", { offset: 0, lines: 2 }), "");
  } finally {
    await Deno.remove(file);
  }
});
