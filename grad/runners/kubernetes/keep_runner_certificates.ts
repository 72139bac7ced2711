import type { Clock } from "../../../shared/clock.ts";
import type { Logger } from "../../../shared/log.ts";
import { RENEW_AFTER_MS, type RunnerCertificates } from "./runner_certificates.ts";

export type KeepOptions = Readonly<{
  certificates: Pick<RunnerCertificates, "renewOld">;
  /** Calls back at once, and each time that the authority has been replaced, until the result is disposed. */
  watchAuthority: (changed: () => void) => Disposable;
  clock: Clock;
  log: Logger;
}>;

const DAY_MS = 24 * 3600 * 1000;
/** After a failure. */
const RETRY_MS = 60_000;

/** Renews old certificates of runners once a day, and all of them when the authority has been replaced, until `signal` aborts. */
export async function keepRunnerCertificates(options: KeepOptions, signal: AbortSignal): Promise<void> {
  const { certificates, watchAuthority, clock, log } = options;
  // The first call is about the authority that there is.
  let [calls, replaced, wake] = [0, false, new AbortController()];
  using _watching = watchAuthority(() => {
    if (calls++ === 0) return;
    replaced = true;
    wake.abort();
  });
  while (!signal.aborted) {
    wake = new AbortController();
    const all = replaced;
    replaced = false;
    const done = await certificates.renewOld(all ? 0 : RENEW_AFTER_MS).catch((thrown) => {
      log.error("certificates.not_renewed", thrown);
      return false;
    });
    replaced ||= all && !done;
    await clock.sleep(done ? DAY_MS : RETRY_MS, AbortSignal.any([signal, wake.signal])).catch(() => {});
  }
}
