import type { Authenticator } from "../../auth/authenticator.ts";
import type { CallContext } from "../../auth/call_context.ts";
import type { Call } from "./middleware.ts";

/** Authenticates a call and runs its handler as that caller. It comes after all middleware, so that calls that are refused here are logged and counted, too. */
export async function identified<T>(
  authenticator: Authenticator,
  call: Call,
  handler: (context: CallContext) => Promise<T> | T,
): Promise<T> {
  const { credentials, signal, note } = call;
  const caller = await authenticator.authenticate(credentials, signal);
  // On a socket there is only one.
  if (authenticator.by === "token") note({ owner: caller.owner, ...(caller.isAdmin ? { admin: true } : {}) });
  return await handler({ caller, signal, note });
}
