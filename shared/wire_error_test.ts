import assert from "node:assert/strict";
import { GradError } from "./errors.ts";
import { decodeError, encodeError } from "./wire_error.ts";

Deno.test("decodeError() gives back what encodeError() was given, in any script", () => {
  const error = new GradError("dataset_not_found", "Cannot find “flüge”", {
    hint: "見る `gractl dataset list`.",
  });
  const { code, message, hint } = decodeError(encodeError(error))!;
  assert.deepEqual({ code, message, hint }, { code: error.code, message: error.message, hint: error.hint });
});

Deno.test("encodeError() keeps a huge message within a trailer", () => {
  assert.ok(encodeError(new GradError("internal", "x".repeat(100_000))).length < 4_000);
});

for (const bad of ["", "{", "[]", "null", '{"code":"no_such","message":"x"}', '{"code":"internal"}']) {
  Deno.test(`decodeError() takes ${bad || "nothing"} for no error of ours`, () => {
    assert.equal(decodeError(new TextEncoder().encode(bad)), undefined);
  });
}
