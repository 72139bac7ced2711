import assert from "node:assert/strict";
import { ERROR_CODES } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { aContext } from "../auth/testing/contexts.ts";
import { Diagnose } from "./diagnose.ts";
import type { DiagnosticCheck } from "./diagnostic_check.ts";

const check = (id: string, run: DiagnosticCheck["run"]): DiagnosticCheck => ({ id, title: `the ${id}`, run });

Deno.test("Diagnose.run() reports every check in order, whatever some of them throw", async () => {
  const refused = new GradError("sandbox_unavailable", "Cannot start a sandbox", { hint: "Install it." });
  const checks = [
    check("a", () => Promise.resolve({ state: "ok", message: "fine" })),
    check("b", () => Promise.reject(refused)),
    check("c", () => Promise.resolve({ state: "warning", message: "little space", hint: "Delete files." })),
    check("d", () => Promise.reject(new Error("boom"))),
    check("e", () => {
      throw new GradError("runner_failed", "Cannot find it");
    }),
  ];
  const findings = await new Diagnose({ checks }, fakeClock()).run(aContext());
  assert.deepEqual(findings, [
    { id: "a", title: "the a", state: "ok", message: "fine", hint: "" },
    { id: "b", title: "the b", state: "failed", message: "Cannot start a sandbox", hint: "Install it." },
    { id: "c", title: "the c", state: "warning", message: "little space", hint: "Delete files." },
    { id: "d", title: "the d", state: "failed", message: "boom", hint: "" },
    {
      id: "e",
      title: "the e",
      state: "failed",
      message: "Cannot find it",
      hint: ERROR_CODES.runner_failed.remedy,
    },
  ]);
});

Deno.test("Diagnose.run() gives up on a check without a result, and aborts it", async () => {
  const clock = fakeClock();
  let given: AbortSignal | undefined;
  const hanging = check("slow", (signal) => {
    given = signal;
    return new Promise(() => {});
  });
  const findings = new Diagnose({ checks: [hanging] }, clock).run(aContext());
  await Promise.resolve(); // the check begins
  await clock.advance(25_000);
  const [finding] = await findings;
  assert.equal(finding?.state, "failed");
  assert.match(finding.message, /within 25 s/);
  assert.ok(given?.aborted);
});

Deno.test("Diagnose.run() ends with the caller", async () => {
  const leaving = new AbortController();
  const hanging = check("slow", () => new Promise(() => {}));
  const call = new Diagnose({ checks: [hanging] }, fakeClock()).run(aContext({ signal: leaving.signal }));
  leaving.abort(new GradError("cancelled", "Cannot answer: the client left"));
  await assert.rejects(call, { code: "cancelled" });
});
