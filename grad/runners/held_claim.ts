import type { Clock } from "../../shared/clock.ts";
import type { Ids } from "../../shared/ids.ts";
import type { RecordChanges, Subscription } from "./record_changes.ts";
import type { Desired, RunnerRecord, RunnerStatus } from "./runner.ts";
import type { RunnerStore, Versioned } from "./store.ts";

/** How long a claim holds without being renewed. */
export const LEASE_MS = 20_000;
/** Interval of renewals, and the safety margin: a holder stops working this long before its claim expires, because clocks may differ. */
const RENEW_MS = 5_000;
/** How often a holder reads the record without a notification: a watch may stall without an error. */
const POLL_MS = 1_000;

/** Another attempt holds the claim, the claim has expired, or the record is deleted. */
export class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

/** The owner has requested another state since the claim was taken. */
export class Superseded extends Error {
  override readonly name = "Superseded";
}

export type ClaimOptions = Readonly<{
  store: RunnerStore;
  changes: RecordChanges;
  clock: Clock;
  ids: Ids;
  /** Names this instance of grad. */
  instance: string;
  /** Aborts when this instance ends. */
  stopping: AbortSignal;
}>;

/**
 * The exclusive right to work on one runner, for one attempt. It renews itself until it is released or disposed. The holder calls
 * {@link prove} before each side effect; `signal` aborts when the claim is lost or the owner requests another state.
 */
export class HeldClaim implements AsyncDisposable {
  readonly attempt: string;
  /** The generation that this attempt answers. */
  readonly generation: number;
  /** Aborts with {@link ClaimLost}, {@link Superseded}, or the reason of `stopping`. */
  readonly signal: AbortSignal;
  readonly #options: ClaimOptions;
  readonly #desired: Desired;
  readonly #lost = new AbortController();
  readonly #done = new AbortController();
  readonly #subscription: Subscription;
  #stored: Versioned;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(options: ClaimOptions, stored: Versioned, attempt: string, subscription: Subscription) {
    this.#options = options;
    this.#stored = stored;
    this.#subscription = subscription;
    this.signal = AbortSignal.any([this.#lost.signal, options.stopping]);
    this.attempt = attempt;
    this.generation = stored.record.generation;
    this.#desired = stored.record.spec.desired;
  }

  /** Takes the claim and changes the status in one update; `undefined` when the record has changed since it was read. */
  static async take(
    options: ClaimOptions,
    { record, version }: Versioned,
    status: Partial<RunnerStatus>,
  ): Promise<HeldClaim | undefined> {
    const { store, changes, clock, ids, instance } = options;
    const attempt = ids.random(16);
    const subscription = changes.subscribe(record.id);
    try {
      const claim = { holder: instance, attempt, untilMs: clock.now() + LEASE_MS };
      const change = { status: withChange(record, status, clock.now()), claim };
      const stored = await store.update(record.id, version, change);
      if (stored === undefined) {
        subscription[Symbol.dispose]();
        return undefined;
      }
      const held = new HeldClaim(options, stored, attempt, subscription);
      held.#renewing = held.#renew();
      return held;
    } catch (thrown) {
      subscription[Symbol.dispose]();
      throw thrown;
    }
  }

  /** The record as this claim last wrote it. */
  get record(): RunnerRecord {
    return this.#stored.record;
  }

  /** Renews the claim, and so proves that it holds. @throws {ClaimLost} */
  async prove(): Promise<void> {
    await this.#write({}, true);
  }

  /** Changes the status, and renews the claim. @throws {ClaimLost} */
  async update(status: Partial<RunnerStatus>): Promise<void> {
    await this.#write(status, true);
  }

  /** Changes the status and releases the claim. @throws {ClaimLost} */
  async release(status: Partial<RunnerStatus>): Promise<void> {
    this.#done.abort();
    await this.#write(status, false);
  }

  /** Stops the renewals. A claim that was not released expires. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#done.abort();
    await this.#renewing;
    this.#subscription[Symbol.dispose]();
  }

  /** Repeats the update until nobody has changed the record in between: the owner changes the spec at any time. */
  async #write(status: Partial<RunnerStatus>, holds: boolean): Promise<void> {
    const { store, clock, instance } = this.#options;
    let stored: Versioned | undefined = this.#stored;
    for (;;) {
      const nowMs = clock.now();
      const { record, version }: Versioned = this.#mine(stored, nowMs);
      const claim = holds ? { holder: instance, attempt: this.attempt, untilMs: nowMs + LEASE_MS } : null;
      const written = await store.update(record.id, version, {
        status: withChange(record, status, nowMs),
        claim,
      });
      if (written !== undefined) {
        this.#stored = written;
        return;
      }
      stored = await store.get(this.record.id);
    }
  }

  /** @throws {ClaimLost} unless the record names this attempt, and more than the safety margin is left */
  #mine(stored: Versioned | undefined, nowMs: number): Versioned {
    const claim = stored?.record.claim;
    if (stored !== undefined && claim?.attempt === this.attempt && nowMs < claim.untilMs - RENEW_MS) {
      return stored;
    }
    const lost = new ClaimLost(`The claim on the runner ${this.record.id} is lost`);
    this.#lost.abort(lost);
    throw lost;
  }

  async #renew(): Promise<void> {
    const { store, clock } = this.#options;
    let renewedAtMs = clock.now();
    while (!this.#done.signal.aborted && !this.#lost.signal.aborted) {
      await this.#subscription.next(POLL_MS, this.#done.signal);
      if (this.#done.signal.aborted) return;
      try {
        const stored = this.#mine(await store.get(this.record.id), clock.now());
        if (stored.record.spec.desired !== this.#desired) {
          this.#lost.abort(
            new Superseded(`The runner ${this.record.id} is to be ${stored.record.spec.desired}`),
          );
        }
        if (clock.now() - renewedAtMs >= RENEW_MS) {
          await this.prove();
          renewedAtMs = clock.now();
        }
      } catch {
        // A lost claim has aborted the signal. After an error of the store the loop tries again until the claim expires.
        if (clock.now() >= (this.record.claim?.untilMs ?? 0) - RENEW_MS) {
          this.#lost.abort(new ClaimLost(`The claim on the runner ${this.record.id} has expired`));
        }
      }
    }
  }
}

/** The status after a change; `changedAtMs` moves with the phase and the stage. Pure. */
export function withChange(
  { status }: RunnerRecord,
  change: Partial<RunnerStatus>,
  nowMs: number,
): RunnerStatus {
  const next = { ...status, ...change };
  const moved = next.phase !== status.phase || next.stage !== status.stage;
  return moved ? { ...next, changedAtMs: nowMs } : next;
}
