import { type ServiceError, status } from "@grpc/grpc-js";
import { GradError } from "../../shared/errors.ts";
import { decodeError, STATUS_DETAILS } from "../../shared/wire_error.ts";

/** Statuses that mean, without our trailer, that the answer was lost on the way: grad always sends one. */
const LOST: ReadonlySet<number> = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED]);

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket",
  ECONNREFUSED: "nobody listens there",
  EACCES: "you may not open it",
  EPERM: "you may not open it",
};

function whyLost({ code, details }: ServiceError): string {
  if (code === status.DEADLINE_EXCEEDED) return "it does not answer";
  const errno = /\bconnect (E[A-Z]+)/.exec(details)?.[1] ?? "";
  return WHY[errno] ?? details.replace(/\s*Resolution note:\s*$/, "").replace(/\.$/, "");
}

/**
 * What a failed call means to a caller. Without grad's trailer a failure is the connection's: `grad_unavailable` for whatever may be
 * tried again.
 */
export function fromStatus(error: ServiceError, address: string): GradError {
  const [trailer] = error.metadata?.get(STATUS_DETAILS) ?? [];
  const told = decodeError(trailer instanceof Uint8Array ? trailer : undefined);
  if (told !== undefined) return told;
  const cause = { cause: error };
  const lost = () =>
    new GradError("grad_unavailable", `Cannot reach grad at ${address}: ${whyLost(error)}`, cause);
  if (LOST.has(error.code)) return lost();
  // A peer that dies in the middle of an answer.
  if (error.code === status.INTERNAL && /RST_STREAM|GOAWAY/.test(error.details)) return lost();
  if (error.code === status.UNKNOWN && /socket|stream|connection/i.test(error.details)) return lost();
  if (error.code === status.UNIMPLEMENTED) {
    return new GradError(
      "version_mismatch",
      `Cannot ask grad at ${address}: it does not know this call`,
      cause,
    );
  }
  if (error.code === status.UNAUTHENTICATED) return new GradError("unauthenticated", error.details, cause);
  if (error.code === status.PERMISSION_DENIED) {
    return new GradError("permission_denied", error.details, cause);
  }
  return new GradError("internal", `grad answered ${status[error.code]}: ${error.details}`, cause);
}
