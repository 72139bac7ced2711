import assert from "node:assert/strict";
import type { V1ContainerStatus, V1Pod, V1PodStatus } from "@kubernetes/client-node";
import { observePod } from "./observe_pod.ts";

const SCHEDULED = { conditions: [{ type: "PodScheduled", status: "True" }] };

function waiting(reason: string, restartCount = 0, message?: string): V1ContainerStatus {
  const state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  return {
    name: "agent",
    image: "",
    imageID: "",
    ready: false,
    restartCount,
    state,
    lastState: { terminated: { exitCode: 3 } },
  };
}

function pod(status: V1PodStatus, deletionTimestamp?: Date): V1Pod {
  return {
    metadata: deletionTimestamp === undefined ? {} : { deletionTimestamp },
    spec: { containers: [{ name: "kernel", image: "image:1" }] },
    status,
  };
}

const cases: Readonly<Record<string, readonly [V1Pod | undefined, string, string, string]>> = {
  "no pod": [undefined, "absent", "none", "none"],
  "a new pod": [pod({ phase: "Pending" }), "starting", "scheduling", "none"],
  "a pod for which there is no node": [
    pod({
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }],
    }),
    "failing",
    "scheduling",
    "unschedulable",
  ],
  "a pod whose image is being pulled": [
    pod({ phase: "Pending", ...SCHEDULED, containerStatuses: [waiting("ContainerCreating")] }),
    "starting",
    "preparing_node",
    "none",
  ],
  "a pod whose image does not exist": [
    pod({ phase: "Pending", ...SCHEDULED, containerStatuses: [waiting("ImagePullBackOff")] }),
    "failing",
    "pulling_image",
    "image_unavailable",
  ],
  "a pod without its Secret": [
    pod({ phase: "Pending", ...SCHEDULED, containerStatuses: [waiting("CreateContainerConfigError")] }),
    "failing",
    "starting_components",
    "start_failed",
  ],
  "a pod whose containers start": [
    pod({ phase: "Pending", ...SCHEDULED, containerStatuses: [waiting("PodInitializing")] }),
    "starting",
    "starting_components",
    "none",
  ],
  "a container that ended twice": [
    pod({ phase: "Running", ...SCHEDULED, containerStatuses: [waiting("CrashLoopBackOff", 2)] }),
    "running",
    "waiting_for_kernels",
    "none",
  ],
  "a container that ends again and again": [
    pod({ phase: "Running", ...SCHEDULED, containerStatuses: [waiting("CrashLoopBackOff", 4)] }),
    "failing",
    "starting_components",
    "component_failing",
  ],
  "a pod that runs": [pod({ phase: "Running", ...SCHEDULED }), "running", "waiting_for_kernels", "none"],
  "a pod that was evicted": [pod({ phase: "Failed", reason: "Evicted" }), "absent", "none", "evicted"],
  "a pod that a node ended when it was drained": [
    pod({ phase: "Failed", conditions: [{ type: "DisruptionTarget", status: "True" }] }),
    "absent",
    "none",
    "evicted",
  ],
  "a pod whose containers all ended": [pod({ phase: "Failed" }), "absent", "none", "components_ended"],
  "a pod whose volume is still being made": [
    pod({
      phase: "Pending",
      conditions: [{
        type: "PodScheduled",
        status: "False",
        reason: "Unschedulable",
        message: "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
      }],
    }),
    "starting",
    "scheduling",
    "none",
  ],
  "a pod that is deleted": [
    pod({ phase: "Running", ...SCHEDULED }, new Date(0)),
    "stopping",
    "stopping_components",
    "none",
  ],
};

for (const [name, [given, state, stage, reason]] of Object.entries(cases)) {
  Deno.test(`observePod() says of ${name}: ${state}, ${stage}, ${reason}`, () => {
    const observed = observePod(given);
    assert.deepEqual([observed.state, observed.stage, observed.reason], [state, stage, reason]);
  });
}

Deno.test("observePod() hands on what Kubernetes says of a failure", () => {
  const status = {
    phase: "Pending",
    ...SCHEDULED,
    containerStatuses: [waiting("ErrImagePull", 0, "no such manifest")],
  };
  assert.equal(observePod(pod(status)).message, "no such manifest");
  const hopeless = pod({
    phase: "Running",
    ...SCHEDULED,
    containerStatuses: [waiting("CrashLoopBackOff", 9)],
  });
  assert.equal(observePod(hopeless).message, "its agent component ends again and again (exit code 3)");
});

Deno.test("observePod() shows progress when a container's state changes", () => {
  const seen = ["ContainerCreating", "PodInitializing"].map((reason) =>
    observePod(pod({ phase: "Pending", ...SCHEDULED, containerStatuses: [waiting(reason)] })).progress
  );
  assert.notEqual(seen[0], seen[1]);
});
