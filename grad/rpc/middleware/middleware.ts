import type { Credentials } from "../../auth/authenticator.ts";
import type { Fields } from "../../../shared/log.ts";
import type { Method } from "./methods.ts";

/** One call as the server received it, before its caller is known. */
export type Call = Readonly<{
  method: Method;
  credentials: Credentials;
  /** Aborts when the client leaves or grad stops; its reason is a GradError. */
  signal: AbortSignal;
  /** Adds fields to the call's line in the log. Must not be given code, parameters or keys. */
  note(fields: Fields): void;
  /** What has been noted so far. */
  noted(): Fields;
  /** Runs `task` once the answer has been handed to the transport, so that the client does not wait for it. */
  afterAnswer(task: () => void): void;
}>;

/**
 * Something that every call passes through. `next` is the rest of the chain and ends with the handler: it resolves with the answer, or,
 * for a stream, when the stream has ended. A middleware calls it at most once.
 */
export type Middleware = <T>(call: Call, next: () => Promise<T>) => Promise<T>;

/** One middleware out of several; the first is the outermost. */
export function compose(...chain: readonly Middleware[]): Middleware {
  return <T>(call: Call, handler: () => Promise<T>) =>
    chain.reduceRight<() => Promise<T>>((next, middleware) => () => middleware(call, next), handler)();
}
