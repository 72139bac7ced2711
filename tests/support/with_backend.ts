import type { Backend } from "./backend.ts";
import { messageOf } from "../../shared/errors.ts";

/** Runs a scenario with its own backend. Leaks fail it, too, but never hide an earlier failure. */
export async function withBackend(
  backend: Backend,
  body: (backend: Backend) => Promise<void>,
): Promise<void> {
  let failed: { why: unknown } | undefined;
  try {
    await body(backend);
  } catch (why) {
    failed = { why };
  }
  try {
    await backend[Symbol.asyncDispose]();
  } catch (why) {
    if (failed === undefined) throw why;
    console.error(`And then: ${messageOf(why)}`);
  }
  if (failed !== undefined) throw failed.why;
}
