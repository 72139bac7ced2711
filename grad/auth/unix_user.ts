import type { Authenticator } from "./authenticator.ts";
import type { Caller } from "./call_context.ts";

const LOCAL: Caller = { owner: "local", isAdmin: false };

/**
 * Every caller is `local`. Only for a unix socket that its user alone can open, where the permissions of the file system have verified
 * the caller; never for a network listener.
 */
export const unixUser: Authenticator = { by: "socket", authenticate: () => Promise.resolve(LOCAL) };
