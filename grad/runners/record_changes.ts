import type { Clock } from "../../shared/clock.ts";
import type { RunnerStore } from "./store.ts";

/** Waits for changes of one record or of all, from its subscription on. */
export interface Subscription extends Disposable {
  /** Resolves when a record has changed since the last call, at the latest after `maxMs`. Never fails. */
  next(maxMs: number, signal?: AbortSignal): Promise<void>;
}

/** `id` is undefined where every record counts. */
type Waiter = { id: string | undefined; changed: boolean; wake: () => void };

/** Pause before a failed watch is started again, in milliseconds. Subscribers poll in the meantime. */
const RETRY_MS = 1_000;

/** One watch of the store for all subscribers in this process; it runs only while there are subscribers. */
export class RecordChanges {
  readonly #store: Pick<RunnerStore, "watch">;
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #watching: AbortController | undefined;

  constructor(store: Pick<RunnerStore, "watch">, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** To one record, or to all of them. */
  subscribe(id?: string): Subscription {
    const waiter: Waiter = { id, changed: false, wake: () => {} };
    this.#waiters.add(waiter);
    if (this.#watching === undefined) {
      this.#watching = new AbortController();
      void this.#watch(this.#watching.signal);
    }
    return {
      next: (maxMs, signal) => this.#next(waiter, maxMs, signal),
      [Symbol.dispose]: () => this.#leave(waiter),
    };
  }

  async #next(waiter: Waiter, maxMs: number, signal?: AbortSignal): Promise<void> {
    if (!waiter.changed) {
      const over = new AbortController();
      const woken = new Promise<void>((resolve) => waiter.wake = resolve);
      const bound = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
      await Promise.race([woken, this.#clock.sleep(maxMs, bound).catch(() => {})]);
      over.abort();
    }
    waiter.changed = false;
    waiter.wake = () => {};
  }

  #leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size > 0) return;
    this.#watching?.abort();
    this.#watching = undefined;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const id of this.#store.watch(signal)) this.#notify(id);
      } catch {
        // A watch only saves time: subscribers also poll.
      }
      await this.#clock.sleep(RETRY_MS, signal).catch(() => {});
    }
  }

  #notify(id: string): void {
    for (const waiter of this.#waiters) {
      if (waiter.id !== undefined && waiter.id !== id) continue;
      waiter.changed = true;
      waiter.wake();
    }
  }
}
