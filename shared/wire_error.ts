import { type ErrorCode, isErrorCode } from "./error_codes.ts";
import { GradError } from "./errors.ts";

/**
 * How a GradError travels: the gRPC status, whose details are the message, and this trailer. Its name ends with "-bin" because
 * plain values must be ASCII, and messages and hints may quote user input.
 */
export const ERROR_TRAILER = "grad-error-bin";

/** Longest message and hint on the wire, in UTF-16 units: trailers share an 8 KiB header limit with everything else. */
const LONGEST = 1_500;

export function encodeError(error: GradError): Uint8Array {
  const cut = (text: string) => text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const { code, message, hint } = error;
  return new TextEncoder().encode(
    JSON.stringify({ code, message: cut(message), ...(hint === undefined ? {} : { hint: cut(hint) }) }),
  );
}

/** What the trailer holds, or `undefined` where it is absent, malformed or of a code that this version does not know. */
export function decodeError(trailer: Uint8Array | undefined): GradError | undefined {
  if (trailer === undefined) return undefined;
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(trailer)) as Record<
      string,
      unknown
    >;
    const { code, message, hint } = value;
    if (typeof code !== "string" || !isErrorCode(code) || typeof message !== "string") return undefined;
    return new GradError(code satisfies ErrorCode, message, typeof hint === "string" ? { hint } : {});
  } catch {
    return undefined;
  }
}
