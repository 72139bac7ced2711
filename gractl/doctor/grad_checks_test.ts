import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { VERSION } from "../../shared/version.ts";
import { DIAGNOSIS } from "../testing/examples.ts";
import { fakeGrad, INFO } from "../testing/fake_grad.ts";
import { gradChecks } from "./grad_checks.ts";

const signal = new AbortController().signal;
const HERE = { ...INFO, version: VERSION };
const summary = (findings: Awaited<ReturnType<typeof gradChecks>>) =>
  findings.map(({ name, state }) => `${name} ${state}`);

Deno.test("gradChecks() show what grad found after grad itself, and close the connection", async () => {
  const grad = { ...fakeGrad({ system: { diagnose: () => Promise.resolve(DIAGNOSIS) } }), info: HERE };
  const findings = await gradChecks(() => Promise.resolve(grad), signal);
  assert.deepEqual(summary(findings), ["grad ok", "disk warning", "sandbox ok"]);
  assert.equal(findings[0]?.message, `${VERSION}, local, you are local`);
  assert.deepEqual(findings[1], {
    name: "disk",
    title: "disk space",
    state: "warning",
    message: "only 1.5 GiB are free for /home/ann/.local/state/grad",
    hint: "Delete files.",
  });
  assert.equal(grad.disposed, 1);
});

Deno.test("gradChecks() say why grad cannot be reached or started", async () => {
  const refused = new GradError(
    "grad_unavailable",
    "Cannot start grad: it ended by itself\nserver.failed: …",
    {
      hint: "The whole log is /s/grad.log.",
    },
  );
  const [finding, ...others] = await gradChecks(() => Promise.reject(refused), signal);
  assert.deepEqual(others, []);
  assert.deepEqual([finding?.name, finding?.state], ["grad", "failed"]);
  assert.match(finding!.message, /ended by itself\nserver\.failed/);
  assert.equal(finding?.hint, "The whole log is /s/grad.log.");
});

Deno.test("gradChecks() warn of a grad of another version", async () => {
  const grad = {
    ...fakeGrad({ system: { diagnose: () => Promise.resolve([]) } }),
    info: { ...INFO, version: "0.0.1" },
  };
  const [finding] = await gradChecks(() => Promise.resolve(grad), signal);
  assert.equal(finding?.state, "warning");
  assert.ok(finding.message.includes("0.0.1") && finding.message.includes(VERSION), finding.message);
  assert.match(finding.hint, /gractl grad stop/);
});

Deno.test("gradChecks() report a grad that is too old to be asked", async () => {
  const old = new GradError("version_mismatch", "Cannot ask grad: it does not have this method");
  const grad = { ...fakeGrad({ system: { diagnose: () => Promise.reject(old) } }), info: HERE };
  const findings = await gradChecks(() => Promise.resolve(grad), signal);
  assert.deepEqual(summary(findings), ["grad ok", "diagnosis failed"]);
  assert.match(findings[1]!.hint, /same version/);
});

Deno.test("gradChecks() show a state that they do not know as a warning", async () => {
  const [check] = DIAGNOSIS;
  const diagnose = () => Promise.resolve([{ ...check!, state: "unspecified" as const }]);
  const grad = { ...fakeGrad({ system: { diagnose } }), info: HERE };
  assert.deepEqual(summary(await gradChecks(() => Promise.resolve(grad), signal)), [
    "grad ok",
    "disk warning",
  ]);
});
