import assert from "node:assert/strict";
import { checkName, NAME, suggestName } from "./names.ts";

for (
  const [text, want] of [["My Data!", "my-data"], ["9lives", "lives"], ["Été", "e-te"], ["日本", "x"], [
    "a".repeat(60),
    "a".repeat(40),
  ], ["a_", "a"]] as const
) {
  Deno.test(`suggestName() makes ${want.slice(0, 10)} of ${text.slice(0, 10)}`, () => {
    assert.equal(suggestName(text, "x"), want);
    assert.match(suggestName(text, "x"), NAME);
  });
}

Deno.test("checkName() names the value, the rule and a way out", () => {
  assert.equal(checkName("runner", "runner-1"), "runner-1");
  assert.throws(() => checkName("session", "My Session"), {
    code: "invalid_name",
    message: /"My Session" as the name of a session/,
    hint: 'Use "my-session".',
  });
});
