import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { kubeConfig } from "../../../grad/runners/kubernetes/kube_config.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { describe, run } from "../../support/process.ts";

/** The cluster that KUBECONFIG names. */
export const clusterConfig: () => KubeConfig = kubeConfig;

/** A namespace that only this test uses; deleted, with everything in it, when it is disposed. */
export async function aNamespace(config: KubeConfig): Promise<AsyncDisposable & Readonly<{ name: string }>> {
  const core = config.makeApiClient(CoreV1Api);
  const name = `grad-test-${crypto.randomUUID().slice(0, 8)}`;
  await core.createNamespace({ body: { metadata: { name } } });
  return {
    name,
    async [Symbol.asyncDispose]() {
      await core.deleteNamespace({ name });
    },
  };
}

let applied: Promise<void> | undefined;

/** Applies the custom resource definition, once, and waits until the API server serves it. */
export function applyCrd(): Promise<void> {
  return applied ??= (async () => {
    await kubectl("apply", "-f", `${REPOSITORY}/k8s/base/crd.yaml`);
    await kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd/runners.grad.dev");
  })();
}

/** Runs kubectl; what it prints. The test fails when it does. */
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
