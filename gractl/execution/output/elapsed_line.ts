import type { Clock } from "../../../shared/clock.ts";
import { formatDuration } from "../../../shared/duration.ts";
import type { Output } from "../../ui/output.ts";

const SILENCE_MS = 1_000;

/**
 * Shows on a terminal how long code has been running, after each second in which it has printed nothing. Disposing it stops and clears the
 * line.
 */
export class ElapsedLine {
  readonly #out: Output;
  readonly #clock: Clock;
  readonly #mayShow: () => boolean;
  readonly #stop = new AbortController();
  #startedAt: number | undefined;
  #outputs = 0;
  #watching: Promise<void> | undefined;

  /** `mayShow` is false while the code's own text is in the line of the cursor. */
  constructor(options: { out: Output; clock: Clock; mayShow: () => boolean }) {
    this.#out = options.out;
    this.#clock = options.clock;
    this.#mayShow = options.mayShow;
  }

  /** The code runs since `time`. */
  started(time: Date | undefined): void {
    if (!this.#out.interactive || this.#out.quiet || this.#startedAt !== undefined) return;
    this.#startedAt = Math.min(time?.getTime() ?? Infinity, this.#clock.now());
    // It only fails when it is stopped.
    this.#watching = this.#watch().catch(() => {});
  }

  /** The code has printed something. */
  output(): void {
    this.#outputs++;
  }

  async #watch(): Promise<void> {
    for (;;) {
      const before = this.#outputs;
      await this.#clock.sleep(SILENCE_MS, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      if (this.#outputs !== before || !this.#mayShow()) continue;
      const seconds = Math.floor((this.#clock.now() - this.#startedAt!) / 1_000);
      const elapsed = seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000);
      this.#out.progress(`running for ${elapsed} · Ctrl-C interrupts it`);
    }
  }

  /** The code has ended; files may still be on their way. */
  ended(): void {
    this.#stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    if (this.#startedAt !== undefined) this.#out.progress(undefined);
  }
}
