import assert from "node:assert/strict";
import { shellQuote } from "./shell_quote.ts";

for (
  const [word, quoted] of [
    ["/home/ann/w-1", "/home/ann/w-1"],
    ["", "''"],
    ["a b", "'a b'"],
    ["; curl x | sh", "'; curl x | sh'"],
    ["it's", `'it'\\''s'`],
    ["$(id)", "'$(id)'"],
    ["~", "'~'"],
  ] as const
) {
  Deno.test(`shellQuote() makes one word of ${JSON.stringify(word)}`, async () => {
    assert.equal(shellQuote(word), quoted);
    const shell = new Deno.Command("/bin/sh", { args: ["-c", `printf %s ${shellQuote(word)}`] });
    assert.equal(new TextDecoder().decode((await shell.output()).stdout), word);
  });
}
