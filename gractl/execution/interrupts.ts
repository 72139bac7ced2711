import { shellCommand } from "../../shared/shell_quote.ts";
import { GradError, messageOf } from "../../shared/errors.ts";
import type { ExecutionCalls } from "../client/executions.ts";

/** A hint how to show an execution that continues to run. */
export function attachHint(executionId: string | undefined): string {
  return executionId === undefined
    ? "Check with `gractl execution list` whether it was started."
    : `Show the rest of its output with ${shellCommand`gractl execution attach ${executionId}`}.`;
}

/**
 * Handles Ctrl-C while code runs. The first one interrupts the code, as soon as the id of the execution is known; the second one ends
 * gractl and leaves the code running.
 */
export class Interrupts {
  readonly #executions: Pick<ExecutionCalls, "interrupt">;
  readonly #note: (text: string) => void;
  readonly #detach = new AbortController();
  #executionId: string | undefined;
  #presses = 0;
  #pending: Promise<void> = Promise.resolve();

  constructor(executions: Pick<ExecutionCalls, "interrupt">, note: (text: string) => void) {
    this.#executions = executions;
    this.#note = note;
  }

  /** Aborts when gractl is to end without waiting for the execution. */
  get signal(): AbortSignal {
    return this.#detach.signal;
  }

  /** Handles one Ctrl-C. */
  press(): void {
    this.#presses++;
    if (this.#presses > 1) {
      const message = this.#executionId === undefined
        ? "Cancelled before grad responded"
        : `Cancelled; ${this.#executionId} continues to run`;
      this.#detach.abort(new GradError("cancelled", message, { hint: attachHint(this.#executionId) }));
    } else if (this.#executionId === undefined) {
      this.#note("The code will be interrupted when it starts. Press Ctrl-C again to leave it running.");
    } else {
      this.#interrupt(this.#executionId);
    }
  }

  /** Sets the id of the execution. */
  started(executionId: string): void {
    this.#executionId = executionId;
    if (this.#presses > 0) this.#interrupt(executionId);
  }

  #interrupt(executionId: string): void {
    this.#note("Interrupting the code. Press Ctrl-C again to leave it running.");
    this.#pending = this.#executions.interrupt(executionId, this.signal).then(() => {}, (thrown) => {
      if (!this.signal.aborted) {
        this.#note(`Cannot interrupt: ${messageOf(thrown)}`);
      }
    });
  }

  /** Waits for a pending interrupt call. */
  async settled(): Promise<void> {
    await this.#pending;
  }
}
