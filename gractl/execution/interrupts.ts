import { GradError } from "../../shared/errors.ts";
import type { ExecutionCalls } from "../client/executions.ts";

/** How one gets back to an execution that goes on. */
export function attachHint(executionId: string | undefined): string {
  return executionId === undefined
    ? "If it was started, `gractl execution list` shows it."
    : `It goes on: \`gractl execution attach ${executionId}\` shows the rest.`;
}

/**
 * What Ctrl-C means while code runs: the first one interrupts the code, or will as soon as the execution is known; the second one
 * leaves it as it is.
 */
export class Interrupts {
  readonly #executions: Pick<ExecutionCalls, "interrupt">;
  readonly #note: (text: string) => void;
  readonly #leave = new AbortController();
  #executionId: string | undefined;
  #presses = 0;
  #sent: Promise<void> = Promise.resolve();

  constructor(executions: Pick<ExecutionCalls, "interrupt">, note: (text: string) => void) {
    this.#executions = executions;
    this.#note = note;
  }

  /** Aborts when the execution is to be left. */
  get signal(): AbortSignal {
    return this.#leave.signal;
  }

  /** One Ctrl-C. */
  press(): void {
    this.#presses++;
    if (this.#presses > 1) {
      const left = this.#executionId === undefined
        ? "Left before grad answered"
        : `Left ${this.#executionId}`;
      this.#leave.abort(new GradError("cancelled", left, { hint: attachHint(this.#executionId) }));
    } else if (this.#executionId === undefined) {
      this.#note("Interrupting as soon as it is started. Ctrl-C again leaves it.");
    } else {
      this.#interrupt(this.#executionId);
    }
  }

  /** The execution is known from now on. */
  started(executionId: string): void {
    this.#executionId = executionId;
    if (this.#presses > 0) this.#interrupt(executionId);
  }

  #interrupt(executionId: string): void {
    this.#note("Interrupting. Ctrl-C again leaves it running.");
    this.#sent = this.#executions.interrupt(executionId, this.signal).then(() => {}, (thrown) => {
      if (!this.signal.aborted) {
        this.#note(`Cannot interrupt: ${thrown instanceof Error ? thrown.message : thrown}`);
      }
    });
  }

  /** Resolves when no call is under way. */
  async settled(): Promise<void> {
    await this.#sent;
  }
}
