import assert from "node:assert/strict";
import { isTransportFailure } from "./transport_failure.ts";

const cases: [code: number, details: string, expected: boolean][] = [
  [1, "Call cancelled", true],
  [4, "Deadline exceeded after 1.500s", true],
  [14, "Connection dropped", true],
  [13, "Received RST_STREAM with code 0 (Call ended without gRPC status)", true],
  [13, "Received RST_STREAM with code 2 triggered by internal client error: Protocol error", true],
  [13, "Failed to start HTTP/2 stream with error The session has been destroyed", true],
  [8, "Bandwidth exhausted or memory limit exceeded", true],
  [2, "read ECONNRESET", true],
  [2, "socket hang up", true],
  [13, "Response message parsing error", false],
  [2, "Unexpected <class 'ConnectionError'>: boom", false],
  [8, "Received message larger than max (9 vs 8)", false],
  [12, "The server does not implement the method", false],
  [16, "no token", false],
];
for (const [code, details, expected] of cases) {
  Deno.test(`isTransportFailure() of ${code} ${JSON.stringify(details)} is ${expected}`, () => {
    assert.equal(isTransportFailure({ code, details }), expected);
  });
}
