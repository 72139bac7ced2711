import assert from "node:assert/strict";
import { silentLogger } from "../../../shared/log.ts";
import { fakeClock } from "../../../shared/testing/fake_clock.ts";
import { keepRunnerCertificates } from "./keep_runner_certificates.ts";
import { RENEW_AFTER_MS } from "./runner_certificates.ts";

const DAY_MS = 24 * 3600 * 1000;

/** What is renewed, by the age from which on it is; `answers` are those of the first renewals, then each succeeds. */
async function world(
  answers: readonly (boolean | Error)[],
  body: (
    it: { renewed: number[]; replace(): Promise<void>; pass(ms: number): Promise<void> },
  ) => Promise<void>,
): Promise<void> {
  const renewed: number[] = [];
  const left = [...answers];
  const clock = fakeClock();
  const stop = new AbortController();
  let changed = () => {};
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const keeping = keepRunnerCertificates({
    certificates: {
      renewOld(olderThanMs = -1) {
        renewed.push(olderThanMs);
        const answer = left.shift() ?? true;
        return typeof answer === "boolean" ? Promise.resolve(answer) : Promise.reject(answer);
      },
    },
    watchAuthority(callback) {
      changed = callback;
      callback();
      return { [Symbol.dispose]: () => void (changed = () => {}) };
    },
    clock,
    log: silentLogger,
  }, stop.signal);
  await settle();
  await body({
    renewed,
    replace: () => (changed(), settle()),
    pass: async (ms) => {
      await clock.advance(ms);
      await settle();
    },
  });
  stop.abort();
  await keeping;
}

Deno.test("keepRunnerCertificates() renews old certificates at its start and once a day", () =>
  world([], async ({ renewed, pass }) => {
    assert.deepEqual(renewed, [RENEW_AFTER_MS]);
    await pass(DAY_MS - 1);
    assert.equal(renewed.length, 1);
    await pass(1);
    assert.deepEqual(renewed, [RENEW_AFTER_MS, RENEW_AFTER_MS]);
  }));

Deno.test("keepRunnerCertificates() renews all at once when the authority has been replaced, and then only old ones", () =>
  world([], async ({ renewed, replace, pass }) => {
    await replace();
    assert.deepEqual(renewed, [RENEW_AFTER_MS, 0]);
    await pass(DAY_MS);
    assert.deepEqual(renewed, [RENEW_AFTER_MS, 0, RENEW_AFTER_MS]);
  }));

Deno.test("keepRunnerCertificates() tries again in a minute until all have been renewed", () =>
  world([true, new Error("no answer"), false], async ({ renewed, replace, pass }) => {
    await replace();
    await pass(60_000);
    await pass(60_000);
    await pass(60_000);
    assert.deepEqual(renewed, [RENEW_AFTER_MS, 0, 0, 0]);
  }));
