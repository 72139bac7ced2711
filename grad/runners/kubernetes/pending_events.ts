import type { CoreV1Event, V1Pod } from "@kubernetes/client-node";
import type { Observation } from "../backend.ts";

/** Events of a volume that say that it will not be made before somebody acts. */
const VOLUME_REASONS: ReadonlySet<string> = new Set(["ProvisioningFailed", "FailedBinding"]);
/** Events of a pod whose cause may pass by itself, such as a Secret that the node has not read yet. */
const RETRIED_REASONS: ReadonlyMap<string, Observation["reason"]> = new Map([
  ["FailedMount", "volume_unavailable"],
  ["FailedAttachVolume", "volume_unavailable"],
  ["FailedCreatePodSandBox", "start_failed"],
]);
/** An event that came so often does not pass by itself. */
const HOPELESS_COUNT = 6;

/**
 * What a provisioner or a kubelet reports that did not reach the API server, or another server, for a moment, however often that was. They
 * try again by themselves.
 */
const UNREACHED =
  /connection refused|connection reset|i\/o timeout|context deadline exceeded|handshake timeout|no route to host|unexpected EOF|etcdserver: |server is currently unable|timed out waiting for the condition/;

/** Events of a pod and of its volume. */
export type PendingEvents = Readonly<{ pod: readonly CoreV1Event[]; volume: readonly CoreV1Event[] }>;

/** How much older than the pod an event of its volume may be, which is made just before it, in milliseconds. */
const VOLUME_MS = 30_000;

/** Those of this pod and its volume: events outlive what they are about, and a later pod of a runner has the same name. Pure. */
export function eventsOf(
  { metadata }: V1Pod,
  pod: readonly CoreV1Event[],
  volume: readonly CoreV1Event[],
): PendingEvents {
  const since = new Date(metadata?.creationTimestamp ?? 0).getTime() - VOLUME_MS;
  return {
    pod: pod.filter(({ involvedObject }) => involvedObject.uid === metadata?.uid),
    volume: volume.filter((event) => timeOf(event) >= since),
  };
}

/** What events add to the observation of a pod that has not started yet: its true stage, or why it does not start. Pure. */
export function explainPending(
  observed: Observation,
  { pod, volume }: PendingEvents,
): Observation {
  if (observed.state !== "starting") return observed;
  const failing = (reason: Observation["reason"], message: string): Observation => ({
    ...observed,
    state: "failing",
    reason,
    message,
  });
  const unmade = latest(volume);
  if (observed.stage === "scheduling" && unmade !== undefined && VOLUME_REASONS.has(unmade.reason ?? "")) {
    const message = unmade.message ?? "";
    if (!UNREACHED.test(message)) return failing("volume_unavailable", message);
    return { ...observed, reason: "volume_unavailable", message };
  }
  const last = latest(pod);
  const progress = `${observed.progress} ${last?.reason ?? ""}`;
  const retried = RETRIED_REASONS.get(last?.reason ?? "");
  if (last !== undefined && retried !== undefined) {
    const message = last.message ?? "";
    if (countOf(last) >= HOPELESS_COUNT && !UNREACHED.test(message)) return failing(retried, message);
    return { ...observed, reason: retried, message, progress };
  }
  if (last?.reason === "Pulling") return { ...observed, stage: "pulling_image", progress };
  return { ...observed, progress };
}

function latest(events: readonly CoreV1Event[]): CoreV1Event | undefined {
  return events.reduce<CoreV1Event | undefined>(
    (last, event) => last === undefined || timeOf(event) >= timeOf(last) ? event : last,
    undefined,
  );
}

/** Components of Kubernetes fill in different fields. */
function timeOf({ lastTimestamp, eventTime, series, metadata }: CoreV1Event): number {
  const times = [series?.lastObservedTime, lastTimestamp, eventTime, metadata.creationTimestamp];
  return Math.max(...times.map((time) => time === undefined || time === null ? 0 : new Date(time).getTime()));
}

function countOf({ count, series }: CoreV1Event): number {
  return Math.max(count ?? 1, series?.count ?? 1);
}
