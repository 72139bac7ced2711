import { describe, run } from "./process.ts";
import { REPOSITORY } from "./repository.ts";

/** Runs kubectl on the cluster that KUBECONFIG names; what it prints. The test fails when it does. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  const ended = await run(["kubectl", ...args], { cwd: REPOSITORY, env: Deno.env.toObject() });
  if (ended.code !== 0) throw new Error(describe(ended));
  return ended.stdout;
}

/** A variable of the environment that these tests need. */
export function required(name: string, what: string): string {
  const value = Deno.env.get(name);
  if (value === undefined || value === "") {
    throw new Error(`Set ${name}: ${what} (see docs/testing-on-a-cluster.md)`);
  }
  return value;
}
