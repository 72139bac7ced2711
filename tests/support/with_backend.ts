import type { Backend } from "./backend.ts";
import { messageOf } from "../../shared/errors.ts";

/** Runs a scenario that has a backend of its own. What is left behind fails it too, but never hides why it failed before. */
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
