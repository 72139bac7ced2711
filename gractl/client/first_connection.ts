import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { GradClient } from "./grad_client.ts";

export type FirstConnectionOptions = Readonly<{
  clock: Clock;
  signal: AbortSignal;
  /** How long the connection is tried again, from the first failure on, while a grad answers that something it needs is away. */
  patienceMs: number;
  /** Called once, before the second try. */
  onLost(error: GradError): void;
}>;

/**
 * The same while nothing answers at the address: one replica ends and the Service does not know it yet, or no replica is ready. Shorter,
 * because the address may be wrong.
 */
const UNREACHED_MS = 10_000;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

/** Connects to a grad that several replicas serve; tries again while it is not available. @throws {GradError} as `dial` */
export async function firstConnection(
  dial: (signal: AbortSignal) => Promise<GradClient>,
  { clock, signal, patienceMs, onLost }: FirstConnectionOptions,
): Promise<GradClient> {
  let failedAt: number | undefined;
  for (let delayMs = FIRST_DELAY_MS;; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
    try {
      return await dial(signal);
    } catch (thrown) {
      if (!(thrown instanceof GradError) || thrown.code !== "grad_unavailable") throw thrown;
      const isFirst = failedAt === undefined;
      failedAt ??= clock.now();
      // An error that grad has sent has no cause: the cause is a failure of the connection.
      const withinMs = thrown.cause === undefined ? patienceMs : Math.min(patienceMs, UNREACHED_MS);
      if (clock.now() + delayMs > failedAt + withinMs) throw thrown;
      if (isFirst) onLost(thrown);
      await clock.sleep(delayMs, signal);
    }
  }
}
