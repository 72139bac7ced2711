import assert from "node:assert/strict";
import { checkKeys } from "./keys.ts";

const KEYS = { accessKeyId: "!AKIA~", secretAccessKey: "a/b+c=", sessionToken: "", expiresAtSeconds: 0 };
const from = { dataset: "flights", names: ["the id", "the secret", "the token"] } as const;

Deno.test("checkKeys() returns keys of printable ASCII unchanged", () => {
  assert.equal(checkKeys(KEYS, from), KEYS);
});

for (const character of [" ", "\n", "\r", "\0", "\x7f", "ü"]) {
  Deno.test(`checkKeys() refuses keys with ${JSON.stringify(character)}, and names the parts without their values`, () => {
    const keys = { ...KEYS, secretAccessKey: `se${character}`, sessionToken: `${character}t0k3n` };
    assert.throws(() => checkKeys(keys, from), {
      code: "credentials_failed",
      message:
        'Cannot use the keys of dataset "flights": the secret and the token contains a space, a line break or a non-ASCII character',
    });
    assert.throws(() => checkKeys({ ...KEYS, accessKeyId: character }, from), {
      message: /: the id contains a space/,
    });
  });
}
