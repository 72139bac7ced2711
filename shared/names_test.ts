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

Deno.test("NAME has up to 40 characters", () => {
  for (const name of ["a", "ab", "a".repeat(40), `a${"-".repeat(38)}z`]) assert.match(name, NAME);
  for (const name of ["", "a".repeat(41), "a-", "-a", "1a", "A", "a_b", "a\n"]) {
    assert.doesNotMatch(name, NAME);
  }
});

Deno.test("checkName() shows the first 80 characters of a long name", () => {
  assert.throws(() => checkName("runner", "X".repeat(81)), {
    message: new RegExp(`"X{80}" as the name of a runner: names begin`),
  });
});
