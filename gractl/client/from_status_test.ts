import assert from "node:assert/strict";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { GradError } from "../../shared/errors.ts";
import { encodeError, STATUS_DETAILS } from "../../shared/wire_error.ts";
import { fromStatus } from "./from_status.ts";

function failed(code: status, details: string, trailer?: Uint8Array): ServiceError {
  const metadata = new Metadata();
  if (trailer !== undefined) metadata.set(STATUS_DETAILS, Buffer.from(trailer));
  return Object.assign(new Error(details), { code, details, metadata });
}

const cases: [name: string, error: ServiceError, code: string][] = [
  [
    "a connection that cannot be made",
    failed(status.UNAVAILABLE, "No connection established"),
    "grad_unavailable",
  ],
  ["no answer in time", failed(status.DEADLINE_EXCEEDED, "Deadline exceeded"), "grad_unavailable"],
  ["a peer that died", failed(status.INTERNAL, "Received RST_STREAM with code 2"), "grad_unavailable"],
  ["a method that grad does not have", failed(status.UNIMPLEMENTED, "no"), "version_mismatch"],
  ["a right that is missing", failed(status.PERMISSION_DENIED, "no"), "permission_denied"],
  ["an identity that is missing", failed(status.UNAUTHENTICATED, "no"), "unauthenticated"],
  ["a call that is not allowed", failed(status.PERMISSION_DENIED, "no"), "permission_denied"],
  ["anything else", failed(status.INTERNAL, "boom"), "internal"],
  ["details that are not ours", failed(status.NOT_FOUND, "x", Uint8Array.of(123, 255)), "internal"],
  [
    "our details, whatever the status",
    failed(status.UNAVAILABLE, "x", encodeError(new GradError("runner_failed", "Cannot")).details),
    "runner_failed",
  ],
];
for (const [name, error, code] of cases) {
  Deno.test(`fromStatus() of ${name} is ${code}`, () =>
    assert.equal(fromStatus(error, "unix:/s").code, code));
}

const said: [details: string, why: string][] = [
  [
    "No connection established. Last error: Error: connect ENOENT /s. Resolution note: ",
    "there is no such socket",
  ],
  ["No connection established. Last error: Error: connect ECONNREFUSED /s", "nobody listens there"],
  ["Connection dropped", "Connection dropped"],
];
Deno.test("fromStatus() says of a deadline that grad does not answer", () => {
  const error = fromStatus(failed(status.DEADLINE_EXCEEDED, "Deadline exceeded after 5s"), "unix:/s");
  assert.equal(error.message, "Cannot reach grad at unix:/s: it does not answer");
});

for (const [details, why] of said) {
  Deno.test(`fromStatus() says of ${JSON.stringify(details)}: ${why}`, () => {
    assert.equal(
      fromStatus(failed(status.UNAVAILABLE, details), "unix:/s").message,
      `Cannot reach grad at unix:/s: ${why}`,
    );
  });
}

Deno.test("fromStatus() says of a call without an answer: it does not answer", () => {
  const { message } = fromStatus(failed(status.DEADLINE_EXCEEDED, "Deadline exceeded after 1 s"), "unix:/s");
  assert.equal(message, "Cannot reach grad at unix:/s: it does not answer");
});
