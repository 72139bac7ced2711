import type { Fields } from "../../shared/log.ts";

/** Who makes a call, verified by an Authenticator. */
export type Caller = Readonly<{
  /** Owner of the runners that this caller may use: `local` on a unix socket that only its user can open. */
  owner: string;
  /** Whether the caller may do everything with the runners of every owner. */
  isAdmin: boolean;
}>;

/** What belongs to one call. The server's edge creates it, and every use case takes it first. */
export type CallContext = Readonly<{
  caller: Caller;
  /** Aborts when the client leaves or grad stops; its reason is a GradError. */
  signal: AbortSignal;
  /** Adds fields to the call's line in the log. Must not be given code, parameters or keys. */
  note(fields: Fields): void;
}>;
