import { Buffer } from "node:buffer";
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import type { GradError } from "../../shared/errors.ts";
import { encodeError, STATUS_DETAILS } from "../../shared/wire_error.ts";

/** What a client sees of a failure. */
export function toStatus(error: GradError): Pick<ServiceError, "code" | "details" | "metadata"> {
  const { code, message, details } = encodeError(error);
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS, Buffer.from(details));
  return { code, details: message, metadata };
}
