import type { Backend } from "./backend.ts";
import { localBackend } from "./local_backend.ts";
import { backendName } from "./test_backend.ts";
import { withBackend } from "./with_backend.ts";

/** A scenario with a home of its own, for what is wrong or different from the start of grad on: on this machine alone. */
export function machine(name: string, body: (backend: Backend) => Promise<void>): void {
  if (backendName() !== "local") return;
  Deno.test({
    name,
    sanitizeOps: false, // Children of gractl outlive it.
    sanitizeResources: false,
    fn: () => withBackend(localBackend(), body),
  });
}
