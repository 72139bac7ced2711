import type { Caller } from "./call_context.ts";

/** What a call says about its caller, not verified yet. */
export type Credentials = Readonly<{
  /** The `authorization` header, `undefined` where there is none. */
  authorization: string | undefined;
}>;

/** Verifies who makes a call. */
export interface Authenticator {
  /** By what a caller is known: by having opened a `socket` that only its user can open, or by a `token` of its own. */
  readonly by: "socket" | "token";
  /** @throws {GradError} `unauthenticated` when the credentials are missing or not valid, or the signal's reason */
  authenticate(credentials: Credentials, signal: AbortSignal): Promise<Caller>;
}
