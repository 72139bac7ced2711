import { Buffer } from "node:buffer";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ERROR_CODES } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import { encodeError, ERROR_TRAILER } from "../../shared/wire_error.ts";

/** What a client sees of a failure. A code of a status that gRPC does not have would be a type error here. */
export function toStatus(error: GradError): Pick<ServiceError, "code" | "details" | "metadata"> {
  const metadata = new Metadata();
  metadata.set(ERROR_TRAILER, Buffer.from(encodeError(error)));
  return { code: status[ERROR_CODES[error.code].status], details: error.message, metadata };
}
