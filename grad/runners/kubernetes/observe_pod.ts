import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { ABSENT, type Observation } from "../backend.ts";
import type { Reason, Stage } from "../stages.ts";

/** Waiting reasons of the kubelet that do not pass by themselves, or only if somebody acts. */
const IMAGE_REASONS: ReadonlySet<string> = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "ImageInspectError",
]);
/** Why Kubernetes ended a whole pod. */
const EVICTED_REASONS: ReadonlySet<string> = new Set([
  "Evicted",
  "Preempting",
  "Terminated",
  "NodeShutdown",
  "NodeLost",
]);
const CONFIG_REASONS: ReadonlySet<string> = new Set([
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);
/** A component that has been restarted this often without staying up is reported as failing. */
const HOPELESS_RESTARTS = 4;

/** What a pod says of a runner. Pure. */
export function observePod(pod: V1Pod | undefined): Observation {
  if (pod === undefined) return ABSENT;
  const { metadata, spec, status } = pod;
  const containers = [...status?.initContainerStatuses ?? [], ...status?.containerStatuses ?? []];
  const base = { image: spec?.containers[0]?.image ?? "", progress: progressOf(pod, containers) };
  const seen = (state: Observation["state"], stage: Stage, reason: Reason = "none", message = "") => ({
    ...base,
    state,
    stage,
    reason,
    message,
  });
  if (metadata?.deletionTimestamp !== undefined) return seen("stopping", "stopping_components");
  if (status?.phase === "Failed" || status?.phase === "Succeeded") {
    // Evicted, preempted, or its node is gone: the pod stays until somebody deletes it, but nothing of it runs.
    const disrupted = status.conditions?.find(({ type, status }) =>
      type === "DisruptionTarget" && status === "True"
    );
    const isEvicted = disrupted !== undefined || EVICTED_REASONS.has(status.reason ?? "");
    const message = status.message ?? disrupted?.message ?? status.reason ?? "";
    return seen("absent", "none", isEvicted ? "evicted" : "components_ended", message.trim());
  }
  const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status !== "True") {
    const { reason, message = "" } = scheduled ?? {};
    // A volume that is still being made: its own events say when it cannot be.
    if (reason !== "Unschedulable" || message.includes("PersistentVolumeClaim")) {
      return seen("starting", "scheduling");
    }
    return seen("failing", "scheduling", "unschedulable", message);
  }
  for (const { name, state, restartCount, lastState } of containers) {
    const { reason = "", message = "" } = state?.waiting ?? {};
    if (IMAGE_REASONS.has(reason)) {
      return seen("failing", "pulling_image", "image_unavailable", message || reason);
    }
    if (CONFIG_REASONS.has(reason)) {
      return seen("failing", "starting_components", "start_failed", message || reason);
    }
    if (reason === "CrashLoopBackOff" && restartCount >= HOPELESS_RESTARTS) {
      const exit = lastState?.terminated?.exitCode;
      return seen(
        "failing",
        "starting_components",
        "component_failing",
        `its ${name} component ends again and again (exit code ${exit})`,
      );
    }
  }
  if (status?.phase === "Running") return seen("running", "waiting_for_kernels");
  const pulling = containers.some(({ state }) => state?.waiting?.reason === "ContainerCreating");
  return seen("starting", pulling ? "preparing_node" : "starting_components");
}

/** Changes with every container that starts, every condition that is met and every event of the kubelet that shows in the pod. */
function progressOf({ status }: V1Pod, containers: readonly V1ContainerStatus[]): string {
  const conditions = status?.conditions?.map(({ type, status }) => `${type}=${status}`) ?? [];
  const states = containers.map(({ name, state, restartCount }) =>
    `${name}:${Object.keys(state ?? {})[0] ?? ""}:${state?.waiting?.reason ?? ""}:${restartCount}`
  );
  return [status?.phase, ...conditions, ...states].join(" ");
}
