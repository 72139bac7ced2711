import { CoreV1Api, type V1Pod } from "@kubernetes/client-node";
import { eventually } from "../../support/process.ts";
import { clusterConfig, required } from "./cluster.ts";
import { exec } from "./pod_processes.ts";

/** Where the node's kubelet has the volumes of its pods. */
const KUBELET = Deno.env.get("GRAD_TEST_KUBELET_DIR") ?? "/var/lib/kubelet";
const NAME = "node-mounts";

/** A look at the mounts of the node that runs the pod `besides`, by a pod on the same node that sees the kubelet's folder. */
export async function nodeMounts(namespace: string, besides: string) {
  const core = clusterConfig().makeApiClient(CoreV1Api);
  const { spec } = await core.readNamespacedPod({ name: besides, namespace });
  await core.createNamespacedPod({ namespace, body: manifest(spec!.nodeName!) });
  await eventually("the pod that looks at mounts", async () => {
    const { status } = await core.readNamespacedPod({ name: NAME, namespace });
    return status?.phase === "Running" ? true : undefined;
  }, 120_000);
  return {
    /** Mount points of FUSE below the folder of the pod with this uid. */
    async ofPod(uid: string): Promise<readonly string[]> {
      const table = await exec(
        { namespace, pod: NAME, container: "look" },
        "cat",
        "/proc/self/mountinfo",
      );
      return table.split("\n").filter((line) => line.includes(" - fuse")).map((line) => line.split(" ")[4]!)
        .filter((point) => point.includes(uid));
    },
    async [Symbol.asyncDispose]() {
      await core.deleteNamespacedPod({ name: NAME, namespace, gracePeriodSeconds: 0 });
    },
  };
}

function manifest(nodeName: string): V1Pod {
  return {
    metadata: { name: NAME },
    spec: {
      nodeName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [{
        name: "look",
        image: required("GRAD_TEST_RUNNER_IMAGE", "the runner image"),
        command: ["sleep", "infinity"],
        securityContext: { runAsUser: 0 },
        volumeMounts: [{
          name: "kubelet",
          mountPath: "/kubelet",
          readOnly: true,
          mountPropagation: "HostToContainer",
        }],
      }],
      volumes: [{ name: "kubelet", hostPath: { path: KUBELET } }],
    },
  };
}
