import assert from "node:assert/strict";
import { processSettings } from "./process_settings.ts";

Deno.test("processSettings() has the variables, and where the code runs", () => {
  assert.equal(processSettings({ env: [], cwd: undefined }), undefined);
  assert.deepEqual(processSettings({ env: ["A=1=2", "B=", "A=x"], cwd: undefined }), {
    variables: { A: "x", B: "" },
    workingDirectory: "",
  });
  assert.deepEqual(processSettings({ env: [], cwd: "outputs" }), {
    variables: {},
    workingDirectory: "outputs",
  });
});

Deno.test("processSettings() refuses what is no NAME=VALUE", () => {
  for (const pair of ["A", "=x", ""]) {
    assert.throws(() => processSettings({ env: [pair], cwd: undefined }), { code: "invalid_argument" });
  }
});
