import type { Fields } from "../../../../shared/log.ts";
import type { Call } from "../middleware.ts";

/** A call of Handshake as the server would have received it. `answered` runs what was to come after its answer. */
export function aCall(changes: Partial<Call> = {}): Call & { answered(): void } {
  const fields: Record<string, Fields[string]> = {};
  const tasks: (() => void)[] = [];
  return {
    method: "Handshake",
    credentials: { authorization: undefined },
    signal: new AbortController().signal,
    note: (more) => void Object.assign(fields, more),
    noted: () => fields,
    afterAnswer: (task) => void tasks.push(task),
    answered: () => tasks.splice(0).forEach((task) => task()),
    ...changes,
  };
}
