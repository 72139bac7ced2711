import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";

/** A store that has not answered by then counts as one that does not answer. */
const PROBE_MS = 2_000;
/** Pause between two probes while somebody watches. */
const WATCH_MS = 5_000;

/** Asks whatever grad cannot do without. Rejects, or does not answer, when calls would fail. */
export type Probe = (signal: AbortSignal) => Promise<unknown>;

export type ReadinessOptions = Readonly<{ probe: Probe; clock: Clock; log: Logger }>;

/** A watcher of {@link Readiness}. */
export type Watcher = Readonly<{
  /** Called with the state now, and then each time that it changes. */
  changed(ready: boolean): void;
  /** Called once, when grad stops: no change follows. */
  ended(): void;
}>;

/** Whether grad can serve calls: it does not stop, and its store answers. */
export class Readiness {
  readonly #options: ReadinessOptions;
  readonly #watchers = new Set<Watcher>();
  #ready: boolean | undefined;
  #stopping = false;
  #probing: Promise<boolean> | undefined;
  #polling = new AbortController();

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** Probes now; callers at the same time share one probe. Watchers see what it finds. */
  async check(): Promise<boolean> {
    if (this.#stopping) return false;
    this.#probing ??= this.#probe().finally(() => this.#probing = undefined);
    const ready = await this.#probing;
    // grad may have begun to stop in the meantime.
    return ready && !this.#stopping;
  }

  /** Reports to `watcher` until the result is disposed, or grad stops. */
  watch(watcher: Watcher): Disposable {
    if (this.#stopping) {
      watcher.changed(false);
      watcher.ended();
      return { [Symbol.dispose]: () => {} };
    }
    this.#watchers.add(watcher);
    if (this.#ready !== undefined) watcher.changed(this.#ready);
    if (this.#watchers.size === 1) this.#startPolling();
    return {
      [Symbol.dispose]: () => {
        this.#watchers.delete(watcher);
        if (this.#watchers.size === 0) this.#polling.abort();
      },
    };
  }

  /** To be called when grad begins to stop: it is not ready from now on. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#polling.abort();
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) {
      if (this.#ready !== false) watcher.changed(false);
      watcher.ended();
    }
  }

  async #probe(): Promise<boolean> {
    const { probe, clock, log } = this.#options;
    const bound = new AbortController();
    const timeout = clock.sleep(PROBE_MS, bound.signal).then(() => {
      throw new GradError("grad_unavailable", `Cannot reach the store: no answer within ${PROBE_MS} ms`);
    });
    const asked = Promise.resolve().then(() => probe(bound.signal));
    let failure: unknown;
    const ready = await Promise.race([asked, timeout]).then(() => true, (thrown) => {
      failure = thrown;
      return false;
    });
    bound.abort();
    if (ready !== this.#ready && !this.#stopping) {
      if (!ready) log.error("health.not_serving", failure);
      else if (this.#ready === false) log.info("health.serving");
      this.#ready = ready;
      for (const watcher of this.#watchers) watcher.changed(ready);
    }
    return ready;
  }

  #startPolling(): void {
    this.#polling = new AbortController();
    const { signal } = this.#polling;
    const poll = async () => {
      while (!signal.aborted) {
        await this.check();
        await this.#options.clock.sleep(WATCH_MS, signal);
      }
    };
    poll().catch((thrown) => {
      if (!signal.aborted) throw thrown;
    });
  }
}
