import type { CallContext } from "../call_context.ts";

/** The context of a call by `local`, which nobody cancels, unless `changes` say otherwise. */
export function aContext(
  changes: Partial<Omit<CallContext, "caller">> & { owner?: string; isAdmin?: boolean } = {},
): CallContext {
  const { owner = "local", isAdmin = false, signal = new AbortController().signal, note = () => {} } =
    changes;
  return { caller: { owner, isAdmin }, signal, note };
}
