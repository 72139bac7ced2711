import assert from "node:assert/strict";
import type { ErrorCode } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { fakeGrad } from "../testing/fake_grad.ts";
import { firstConnection } from "./first_connection.ts";

/** Connects to a grad that fails for so long, and lets time pass until that has ended. */
async function connect(
  failing: Readonly<{ code: ErrorCode; cause?: Error; forMs: number }>,
): Promise<Readonly<{ afterMs: number; reported: number; failure: unknown }>> {
  const clock = fakeClock();
  const beganAt = clock.now();
  const { code, forMs, ...options } = failing;
  let reported = 0;
  const dial = () =>
    clock.now() - beganAt < forMs
      ? Promise.reject(new GradError(code, "It fails", options))
      : Promise.resolve(fakeGrad());
  let over = false;
  let failure: unknown;
  const signal = new AbortController().signal;
  const connecting = firstConnection(dial, { clock, signal, patienceMs: 30_000, onLost: () => reported++ })
    .then(() => {}, (thrown) => failure = thrown).finally(() => over = true);
  while (!over) {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    if (!over) await clock.advance(50);
  }
  await connecting;
  return { afterMs: clock.now() - beganAt, reported, failure };
}

const REFUSED = new Error("connect ECONNREFUSED");

Deno.test("firstConnection() waits for a grad whose Kubernetes API is away", async () => {
  const { afterMs, reported, failure } = await connect({ code: "grad_unavailable", forMs: 20_000 });
  assert.deepEqual([failure, reported], [undefined, 1]);
  assert.ok(afterMs >= 20_000 && afterMs <= 22_100, String(afterMs));
});

Deno.test("firstConnection() waits for another replica where the first one has ended", async () => {
  const { failure } = await connect({ code: "grad_unavailable", cause: REFUSED, forMs: 5_000 });
  assert.equal(failure, undefined);
});

Deno.test("firstConnection() ends after 10 s where nobody answers, and after its patience where grad does", async () => {
  const refused = await connect({ code: "grad_unavailable", cause: REFUSED, forMs: 100_000 });
  assert.equal((refused.failure as GradError).code, "grad_unavailable");
  assert.ok(refused.afterMs <= 10_000, String(refused.afterMs));
  const answered = await connect({ code: "grad_unavailable", forMs: 100_000 });
  assert.equal((answered.failure as GradError).code, "grad_unavailable");
  assert.ok(answered.afterMs > 25_000 && answered.afterMs <= 30_000, String(answered.afterMs));
});

Deno.test("firstConnection() does not repeat what another try cannot change", async () => {
  const { afterMs, reported, failure } = await connect({ code: "certificate_invalid", forMs: 1_000 });
  assert.equal((failure as GradError).code, "certificate_invalid");
  assert.deepEqual([afterMs, reported], [0, 0]);
});
