import type { ErrorCode } from "./error_codes.ts";

/**
 * A failure with a code for programs, a sentence for people ("Cannot X: current state", values quoted, no full stop) and, if
 * there is one, the next step.
 */
export class GradError extends Error {
  override readonly name = "GradError";
  readonly hint: string | undefined;
  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
  }
}

/** The text of anything thrown, for messages and logs. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
