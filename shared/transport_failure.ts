/** A failed call's status as grpc-js reports it. */
export type RawStatus = Readonly<{ code: number; details: string }>;

/** CANCELLED (that is not ours), DEADLINE_EXCEEDED, UNAVAILABLE: no answer came. */
const NO_ANSWER: ReadonlySet<number> = new Set([1, 4, 14]);

/** What grpc-js says, under UNKNOWN, RESOURCE_EXHAUSTED or INTERNAL, of a stream or connection that was cut in the middle of a call. */
const CUT =
  /^(Received RST_STREAM with code|Failed to start HTTP\/2 stream|Bandwidth exhausted or memory limit exceeded$)|GOAWAY|ECONNRESET|EPIPE|socket hang up/;

/**
 * Whether a status came from the connection and not from the server: the server was not reached, did not answer in time, or died in the
 * middle of its answer. To be asked only of a status without our details ({@link decodeError} found none), since our servers always send
 * them. Whether the call was handled is unknown.
 */
export function isTransportFailure({ code, details }: RawStatus): boolean {
  return NO_ANSWER.has(code) || CUT.test(details);
}
