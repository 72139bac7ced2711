import type { Backend, BackendName } from "./backend.ts";
import { clusterBackend } from "./cluster_backend.ts";
import { localBackend } from "./local_backend.ts";

/** Where scenarios run: GRAD_TEST_BACKEND, by default this machine. */
export function backendName(): BackendName {
  const name = Deno.env.get("GRAD_TEST_BACKEND") ?? "local";
  if (name === "local" || name === "kubernetes") return name;
  throw new Error(`GRAD_TEST_BACKEND is "${name}": set it to local or kubernetes`);
}

export async function testBackend(): Promise<Backend> {
  return backendName() === "local" ? localBackend() : await clusterBackend();
}
