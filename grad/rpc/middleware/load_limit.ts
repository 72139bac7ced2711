import { GradError } from "../../../shared/errors.ts";
import type { Middleware } from "./middleware.ts";

/** Bounds the number of calls that are served at the same time, and knows how many they are. */
export class LoadLimit {
  #running = 0;
  readonly #maxCalls: number;

  constructor(maxCalls: number) {
    this.#maxCalls = maxCalls;
  }

  /** Calls under way, refused ones included. */
  get running(): number {
    return this.#running;
  }

  /** Refuses a call with `grad_busy` while `maxCalls` others are under way. */
  readonly middleware: Middleware = async (_call, next) => {
    this.#running++;
    try {
      if (this.#running > this.#maxCalls) throw busy(this.#maxCalls);
      return await next();
    } finally {
      this.#running--;
    }
  };
}

function busy(maxCalls: number): GradError {
  return new GradError("grad_busy", `Cannot take the call: ${maxCalls} are being served`, {
    hint: "Try again in a moment.",
  });
}
