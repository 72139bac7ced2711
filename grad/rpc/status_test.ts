import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { ERROR_CODES, type ErrorCode } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import { decodeError, STATUS_DETAILS } from "../../shared/wire_error.ts";
import { toStatus } from "./status.ts";

Deno.test("toStatus() gives every code of the catalogue its status of gRPC, and the details", () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const { code: number, details, metadata } = toStatus(new GradError(code, "Cannot: ü", { hint: "Do." }));
    assert.equal(status[number], ERROR_CODES[code].status, code);
    assert.equal(details, "Cannot: ü");
    const [trailer] = metadata.get(STATUS_DETAILS);
    assert.equal(decodeError(trailer as Uint8Array)?.code, code);
  }
});
