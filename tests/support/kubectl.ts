import { describe, pause, run } from "./process.ts";
import { REPOSITORY } from "./repository.ts";

/** kubectl has not reached the API server, for example because the machine is busy: nothing was asked. */
const NOT_ASKED = /TLS handshake timeout|connect: connection refused/;
const TRIES = 4;

/** Runs kubectl on the cluster that KUBECONFIG names; what it prints. The test fails when it does. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  for (let tries = 1;; tries++) {
    const ended = await run(["kubectl", ...args], { cwd: REPOSITORY, env: Deno.env.toObject() });
    if (ended.code === 0) return ended.stdout;
    if (tries === TRIES || !NOT_ASKED.test(ended.stderr)) throw new Error(describe(ended));
    await pause(500 * tries);
  }
}

/** A variable of the environment that these tests need. */
export function required(name: string, what: string): string {
  const value = Deno.env.get(name);
  if (value === undefined || value === "") {
    throw new Error(`Set ${name}: ${what} (see docs/testing-on-a-cluster.md)`);
  }
  return value;
}
