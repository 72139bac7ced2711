import { type Replicas, startReplicas } from "./replicas.ts";
import { BOTH } from "./replicas.ts";

export type Scenario = (does: string, body: (grad: Replicas) => Promise<void>) => void;

/**
 * Scenarios of one file share two replicas of grad, started with the first. Both run when a scenario begins. What the replicas have
 * logged is printed when one fails.
 */
export function replicaSuite(environments: Readonly<Record<string, string>> = {}): Scenario {
  let starting: Promise<Replicas> | undefined;

  Deno.test.afterAll(async () => {
    const grad = await starting?.catch(() => undefined);
    await grad?.[Symbol.asyncDispose]();
  });

  return function scenario(does, body) {
    Deno.test({
      name: `two replicas: ${does}`,
      // Processes, channels and timers live longer than one scenario.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        starting ??= startReplicas(environments);
        const grad = await starting;
        await grad.api.set({ kind: "pass" });
        for (const at of BOTH) await grad.ensure(at);
        try {
          await body(grad);
        } catch (thrown) {
          for (const at of BOTH) console.error(`--- replica ${at}\n${tail(grad.log(at))}`);
          throw thrown;
        }
      },
    });
  };
}

function tail(log: string): string {
  return log.trimEnd().split("\n").slice(-60).join("\n");
}
