import { CoreV1Api, type V1Container, type V1PodSpec } from "@kubernetes/client-node";
import { eventually } from "../../support/process.ts";
import { clusterConfig, required } from "./cluster.ts";
import { type Container, exec } from "./pod_processes.ts";

/** A pod of the runner image on one node, as root: for what only a node sees. */
export type NodePod = AsyncDisposable & Readonly<{ exec(...argv: readonly string[]): Promise<string> }>;

export type NodePodOptions = Readonly<{
  namespace: string;
  nodeName: string;
  name: string;
  spec: Partial<V1PodSpec>;
  container: Partial<V1Container>;
}>;

/** Starts the pod, and waits until programs can be run in it. */
export async function nodePod(
  { namespace, nodeName, name, spec, container }: NodePodOptions,
): Promise<NodePod> {
  const core = clusterConfig().makeApiClient(CoreV1Api);
  const body = {
    metadata: { name },
    spec: {
      nodeName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      ...spec,
      containers: [{
        name: "look",
        image: required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it"),
        command: ["sleep", "infinity"],
        securityContext: { runAsUser: 0 },
        ...container,
      }],
    },
  };
  await core.createNamespacedPod({ namespace, body });
  await eventually(`the pod ${name}`, async () => {
    const { status } = await core.readNamespacedPod({ name, namespace });
    return status?.phase === "Running" ? true : undefined;
  }, 120_000);
  const at: Container = { namespace, pod: name, container: "look" };
  return {
    exec: (...argv) => exec(at, ...argv),
    async [Symbol.asyncDispose]() {
      await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 });
    },
  };
}
