import { shellCommand } from "../../shared/shell_quote.ts";
import { GradError, messageOf } from "../../shared/errors.ts";
import type { Execution, ExecutionCalls } from "../client/executions.ts";
import type { Output } from "../ui/output.ts";
import { printable } from "../ui/printable.ts";

/** How long an interrupt is waited for before its user hears that the code has not stopped. */
export const INTERRUPT_WAIT_MS = 3_000;

/** A hint how to show an execution that continues to run. */
export function attachHint(executionId: string | undefined): string {
  return executionId === undefined
    ? "Check with `gractl execution list` whether it was started."
    : `Show the rest of its output with ${shellCommand`gractl execution attach ${executionId}`}.`;
}

/** Whether the execution has not ended. */
export function isUnfinished({ status }: Pick<Execution, "status">): boolean {
  return status === "queued" || status === "running";
}

/** What to do about code that takes no notice of an interrupt. */
export function notStoppedText({ id, session }: Pick<Execution, "id" | "session">): string {
  return "The code has not stopped yet: it is in native code, which an interrupt reaches when it returns to Python, or it handles " +
    `interrupts itself. To stop it by force, with the loss of all variables of session ${
      printable(session)
    }: ` +
    shellCommand`gractl execution interrupt ${id} --force`;
}

/**
 * Handles Ctrl-C while code runs. The first one interrupts the code, as soon as the id of the execution is known, which never costs
 * variables; the second one ends gractl and leaves the code running.
 */
export class Interrupts {
  readonly #executions: Pick<ExecutionCalls, "interrupt">;
  readonly #out: Pick<Output, "note" | "warn">;
  readonly #detach = new AbortController();
  #execution: Pick<Execution, "id" | "session"> | undefined;
  #presses = 0;
  #pending: Promise<void> = Promise.resolve();

  constructor(executions: Pick<ExecutionCalls, "interrupt">, out: Pick<Output, "note" | "warn">) {
    this.#executions = executions;
    this.#out = out;
  }

  /** Aborts when gractl is to end without waiting for the execution. */
  get signal(): AbortSignal {
    return this.#detach.signal;
  }

  /** Handles one Ctrl-C. */
  press(): void {
    this.#presses++;
    const execution = this.#execution;
    if (this.#presses > 1) {
      const message = execution === undefined
        ? "Cancelled before grad responded"
        : `Stopped waiting: the code of ${execution.id} continues to run`;
      this.#detach.abort(new GradError("cancelled", message, { hint: attachHint(execution?.id) }));
    } else if (execution === undefined) {
      this.#out.note("The code will be interrupted when it starts. Press Ctrl-C again to leave it running.");
    } else {
      this.#interrupt(execution);
    }
  }

  /** Sets the execution. */
  started(execution: Pick<Execution, "id" | "session">): void {
    this.#execution = execution;
    if (this.#presses > 0) this.#interrupt(execution);
  }

  #interrupt(execution: Pick<Execution, "id" | "session">): void {
    this.#out.note("Interrupting the code. Press Ctrl-C again to stop waiting and leave it running.");
    this.#pending = this.#tryInterrupt(execution).catch((thrown) => {
      if (!this.signal.aborted) this.#out.note(`Cannot interrupt: ${messageOf(thrown)}`);
    });
  }

  async #tryInterrupt({ id, session }: Pick<Execution, "id" | "session">): Promise<void> {
    const request = { executionId: id, force: false, waitMs: INTERRUPT_WAIT_MS };
    const after = await this.#executions.interrupt(request, this.signal);
    if (isUnfinished(after)) this.#out.warn(notStoppedText({ id, session }));
  }

  /** Waits for a pending interrupt call. */
  async settled(): Promise<void> {
    await this.#pending;
  }
}
