import { ERROR_CODES, type ExitCode } from "../../shared/error_codes.ts";
import { GradError, messageOf } from "../../shared/errors.ts";
import { printable, printableLines } from "./printable.ts";
import type { DocumentFields } from "../documents/schema/documents.ts";
import type { Style } from "./style.ts";

/** Turns anything thrown into the one kind of error that gractl prints. An unexpected error is `internal`. */
export function asGradError(thrown: unknown): GradError {
  if (thrown instanceof GradError) return thrown;
  if (thrown instanceof Deno.errors.PermissionDenied || thrown instanceof Deno.errors.NotCapable) {
    return new GradError("permission_denied", `Cannot go on: ${messageOf(thrown)}`, { cause: thrown });
  }
  return new GradError("internal", `Cannot go on: ${messageOf(thrown)}`, {
    hint:
      "This is a bug of gractl: please report it with what you did. GRACTL_DEBUG=1 shows where it happened.",
    cause: thrown,
  });
}

export function exitOf(error: GradError): ExitCode {
  return ERROR_CODES[error.code].exit;
}

/** The error's own hint, else the general remedy for its code. */
function hintOf(error: GradError): string {
  return error.hint ?? ERROR_CODES[error.code].remedy;
}

/** The error for people: what failed, and what to do now. */
export function renderError(error: GradError, style: Style): string {
  const lines = printableLines(error.message).split("\n");
  const hint = printableLines(hintOf(error)).split("\n");
  return [
    `${style.red("error:")} ${lines.join("\n  ")}`,
    `${style.cyan("hint:")} ${hint.join("\n  ")}`,
  ].join("\n");
}

/** The error for programs: the fields of the document of kind Error. */
export function errorFields(error: GradError): DocumentFields<"Error"> {
  return { error: { code: error.code, message: error.message, hint: hintOf(error) } };
}

/** One line about an error that does not end the command. */
export function errorLine(error: GradError): string {
  return printable(error.message);
}
