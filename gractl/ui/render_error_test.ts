import assert from "node:assert/strict";
import { ERROR_CODES, type ErrorCode } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import { assertGolden } from "../../shared/testing/golden.ts";
import { asGradError, errorFields, exitOf, renderError } from "./render_error.ts";
import { styleFor } from "./style.ts";

const plain = styleFor(undefined);

Deno.test("renderError() of every code, with its exit code, matches its golden file", () => {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  const rendered = codes.map((code) => {
    const error = new GradError(code, `Cannot do it: ${code}`);
    return `# ${code}, exit ${exitOf(error)}\n${renderError(error, plain)}\n`;
  });
  return assertGolden(rendered.join("\n"), new URL("testdata/every_error.golden", import.meta.url));
});

Deno.test("renderError() shows all lines of a message and its own hint", () => {
  const error = new GradError("invalid_file", "2 faults:\nconfig.yaml:1:1: a\nconfig.yaml:2:1: b", {
    hint: "Mend them.",
  });
  assert.equal(
    renderError(error, plain),
    "error: 2 faults:\n  config.yaml:1:1: a\n  config.yaml:2:1: b\nhint: Mend them.",
  );
});

Deno.test("renderError() makes control sequences visible", () => {
  const text = renderError(new GradError("internal", "a\x1b[2Jb\rc"), plain);
  assert.match(text, /a\\x1b\[2Jb\\x0dc/);
});

Deno.test("errorFields() always has a hint", () => {
  const { error } = errorFields(new GradError("runner_not_found", "Cannot find it")) as {
    error: { hint: string };
  };
  assert.equal(error.hint, ERROR_CODES.runner_not_found.remedy);
});

Deno.test("asGradError() keeps a GradError and makes anything else internal", () => {
  const known = new GradError("usage", "x");
  assert.equal(asGradError(known), known);
  assert.equal(asGradError(new Error("boom")).code, "internal");
  assert.equal(asGradError("boom").message, "Cannot go on: boom");
});
