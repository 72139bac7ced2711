import type { Fields } from "../../shared/log.ts";

/** Who makes a call, once authenticated. */
export type Caller = Readonly<{
  /** Owner of the runners that this caller may use: `local` on a unix socket that only its user can open. */
  owner: string;
}>;

/** What travels with one call from the server's edge through the use cases. */
export type CallContext = Readonly<{
  caller: Caller;
  /** Aborts when the client leaves or grad stops; its reason is a GradError. */
  signal: AbortSignal;
  /** Adds fields to the call's one log line. Never code, parameters or keys. */
  note(fields: Fields): void;
}>;
