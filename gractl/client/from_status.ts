import { type ServiceError, status } from "@grpc/grpc-js";
import { GradError } from "../../shared/errors.ts";
import { isTransportFailure } from "../../shared/transport_failure.ts";
import { decodeError, STATUS_DETAILS } from "../../shared/wire_error.ts";

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

/** What Node says of a certificate that fails verification, and what that means. Nothing was sent. */
const CERTIFICATE_FAULTS: readonly (readonly [said: RegExp, fault: string])[] = [
  [/ERR_TLS_CERT_ALTNAME_INVALID/, "its certificate is for another name"],
  [
    // Deno says the same of a certificate that has expired; `gractl doctor` looks at its dates.
    /unable to verify|self[- ]signed certificate|unable to get (local )?issuer|certificate has expired|not yet valid/i,
    "its certificate is not signed by the context's CA, or has expired",
  ],
  [/wrong version number|InvalidContentType/i, "it does not answer with TLS"],
];

function whyUntrusted({ code, details }: ServiceError): string | undefined {
  if (code !== status.UNAVAILABLE) return undefined;
  const fault = CERTIFICATE_FAULTS.find(([said]) => said.test(details))?.[1];
  const names = /is not in the cert's (?:altnames|list): ?(.*?)\. Resolution note/.exec(details)?.[1];
  return fault === undefined || names === undefined ? fault : `${fault} (it has ${names})`;
}

/**
 * What a failed call means to a caller. A status without grad's details is the connection's: `grad_unavailable` for whatever may be
 * tried again.
 */
export function fromStatus(error: ServiceError, address: string): GradError {
  const [details] = error.metadata?.get(STATUS_DETAILS) ?? [];
  const sent = decodeError(details instanceof Uint8Array ? details : undefined);
  if (sent !== undefined) return sent;
  const cause = { cause: error };
  const untrusted = whyUntrusted(error);
  if (untrusted !== undefined) {
    return new GradError("certificate_invalid", `Cannot trust the grad at ${address}: ${untrusted}`, cause);
  }
  if (isTransportFailure(error)) {
    return new GradError("grad_unavailable", `Cannot reach grad at ${address}: ${whyLost(error)}`, cause);
  }
  if (error.code === status.UNIMPLEMENTED) {
    return new GradError(
      "version_mismatch",
      `Cannot ask grad at ${address}: it does not have this method`,
      cause,
    );
  }
  if (error.code === status.UNAUTHENTICATED) return new GradError("unauthenticated", error.details, cause);
  if (error.code === status.PERMISSION_DENIED) {
    return new GradError("permission_denied", error.details, cause);
  }
  return new GradError("internal", `grad answered ${status[error.code]}: ${error.details}`, cause);
}
