import assert from "node:assert/strict";
import { EXECUTION } from "../testing/fake_grad.ts";
import { executionErrorFields, executionFields, NO_OUTPUT } from "./execution_document.ts";

Deno.test("executionErrorFields() adds the remedy of the error catalogue to a failure of the runner", () => {
  const error = { code: "out_of_memory", name: "", message: "m", traceback: [], fullTraceback: [], hint: "" };
  assert.match(executionErrorFields(error).hint, /--memory/);
});

Deno.test("executionFields() marks output as truncated that the runner or the document omits", () => {
  const execution = { ...EXECUTION, truncated: { stdout: true, stderr: false, results: false } };
  const fields = executionFields({ execution, durationMs: undefined, warnings: [] }, {
    ...NO_OUTPUT,
    omitted: { stdout: false, stderr: false, results: true },
  });
  assert.deepEqual(fields["truncated"], { stdout: true, stderr: false, results: true });
});
