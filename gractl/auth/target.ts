import { type Context, LOCAL } from "./context.ts";
import type { ContextsOf } from "./context_names.ts";
import { readContext } from "./contexts.ts";

/** The grad that is meant: a context of the user, or the grad of this machine. */
export type Target = Readonly<{ context: Context | undefined }>;

/** @throws {GradError} `invalid_name`, `context_not_found`, `permission_denied`, `invalid_file` */
export async function targetNamed(name: string, of: ContextsOf): Promise<Target> {
  return { context: name === LOCAL ? undefined : await readContext(of, name) };
}
