/**
 * How a GradError travels, from a runner's agent to grad and from grad to gractl, and so that every gRPC tool can read it: the call's
 * status, and a trailer with a `google.rpc.Status` that holds the sentence and one `google.rpc.ErrorInfo`:
 * `reason` is our code in UPPER_SNAKE_CASE, as AIP-193 wants it (`runner_busy` is RUNNER_BUSY), `domain` is "grad", and `metadata.hint`
 * is the next step, if there is one. The Python side is runner/grad_runner/common/wire_error.py.
 */
import { ErrorInfo } from "../proto/gen/google/rpc/error_details.ts";
import { Status } from "../proto/gen/google/rpc/status.ts";
import { ERROR_CODES, isErrorCode, type StatusName } from "./error_codes.ts";
import { GradError } from "./errors.ts";
import { MAX_ERROR_TEXT_BYTES } from "./limits.ts";

/** Name of the trailer that gRPC has for a `google.rpc.Status`. */
export const STATUS_DETAILS = "grpc-status-details-bin";

/** Of `google.rpc.ErrorInfo`: tells our errors from another product's. */
export const ERROR_DOMAIN = "grad";
const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";
/** Key of the hint in `google.rpc.ErrorInfo.metadata`. */
export const HINT = "hint";

const CUT = "…";

const STATUS_NUMBERS: Readonly<Record<StatusName, number>> = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
};

/** What a failed call answers with. */
export type WireStatus = Readonly<{ code: number; message: string; details: Uint8Array }>;

/** The status of gRPC for an error: its number, its sentence (cut to what fits) and the value of the trailer {@link STATUS_DETAILS}. */
export function encodeError(error: GradError): WireStatus {
  const code = STATUS_NUMBERS[ERROR_CODES[error.code].status];
  const message = bounded(error.message);
  const info = ErrorInfo.encode({
    reason: error.code.toUpperCase(),
    domain: ERROR_DOMAIN,
    metadata: error.hint === undefined ? {} : { [HINT]: bounded(error.hint) },
  });
  const details = [{ typeUrl: ERROR_INFO, value: info.finish() }];
  return { code, message, details: Status.encode({ code, message, details }).finish() };
}

/**
 * The error in a trailer, or `undefined` where the trailer is absent, malformed or of another product. A code that this version does
 * not know becomes `internal`, with the sentence and hint that came with it.
 */
export function decodeError(details: Uint8Array | undefined): GradError | undefined {
  if (details === undefined) return undefined;
  try {
    const status = Status.decode(details);
    for (const { typeUrl, value } of status.details) {
      if (typeUrl !== ERROR_INFO) continue;
      const { reason, domain, metadata } = ErrorInfo.decode(value);
      if (domain !== ERROR_DOMAIN) continue;
      const code = reason.toLowerCase();
      return new GradError(isErrorCode(code) ? code : "internal", status.message, { hint: metadata[HINT] });
    }
  } catch {
    // Not a message of this type.
  }
  return undefined;
}

/** The text, cut between two characters if it is too long. */
function bounded(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  if (bytes.length <= MAX_ERROR_TEXT_BYTES) return decoder.decode(bytes);
  let end = MAX_ERROR_TEXT_BYTES - new TextEncoder().encode(CUT).length;
  while ((bytes[end]! & 0xc0) === 0x80) end--; // not into the middle of a character
  return `${decoder.decode(bytes.subarray(0, end))}${CUT}`;
}
