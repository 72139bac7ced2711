import type { Caller } from "./call_context.ts";

/** What a call shows of who makes it, before anyone has checked it. */
export type Credentials = Readonly<{
  /** The `authorization` header, `undefined` where there is none. */
  authorization: string | undefined;
}>;

/** Finds out who makes a call. */
export interface Authenticator {
  /** @throws {GradError} `unauthenticated` when the credentials prove nobody's identity, or the signal's reason */
  authenticate(credentials: Credentials, signal: AbortSignal): Promise<Caller>;
}
