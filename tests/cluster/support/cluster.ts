import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { kubeConfig } from "../../../grad/runners/kubernetes/kube_config.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { kubectl } from "../../support/kubectl.ts";

export { kubectl, required } from "../../support/kubectl.ts";

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
      // No grad is there any more that would take its finalizers away, and none can be added to a namespace that ends.
      const runners = (await kubectl("get", "runners.grad.dev", "--namespace", name, "--output=name")).split(
        "\n",
      );
      for (const runner of runners.filter((each) => each !== "")) {
        const patch = JSON.stringify({ metadata: { finalizers: null } });
        await kubectl("patch", runner, "--namespace", name, "--type=merge", `--patch=${patch}`).catch(
          () => {},
        );
      }
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
