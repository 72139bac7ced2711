import { CoreV1Api } from "@kubernetes/client-node";
import { clusterConfig } from "./cluster.ts";
import { nodePod } from "./node_pod.ts";

/** Where the node's kubelet has the volumes of its pods. */
const KUBELET = Deno.env.get("GRAD_TEST_KUBELET_DIR") ?? "/var/lib/kubelet";

/** A look at the mounts of the node that runs the pod `besides`, by a pod on the same node that sees the kubelet's folder. */
export async function nodeMounts(namespace: string, besides: string) {
  const core = clusterConfig().makeApiClient(CoreV1Api);
  const { spec } = await core.readNamespacedPod({ name: besides, namespace });
  const pod = await nodePod({
    namespace,
    nodeName: spec!.nodeName!,
    name: "node-mounts",
    spec: { volumes: [{ name: "kubelet", hostPath: { path: KUBELET } }] },
    container: {
      volumeMounts: [{
        name: "kubelet",
        mountPath: "/kubelet",
        readOnly: true,
        mountPropagation: "HostToContainer",
      }],
    },
  });
  return {
    /** Mount points of FUSE below the folder of the pod with this uid. */
    async ofPod(uid: string): Promise<readonly string[]> {
      const table = await pod.exec("cat", "/proc/self/mountinfo");
      return table.split("\n").filter((line) => line.includes(" - fuse")).map((line) => line.split(" ")[4]!)
        .filter((point) => point.includes(uid));
    },
    [Symbol.asyncDispose]: () => pod[Symbol.asyncDispose](),
  };
}
