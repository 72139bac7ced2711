import { CoreV1Api, type KubeConfig, type V1Pod } from "@kubernetes/client-node";
import type { Clock } from "../../../../shared/clock.ts";
import type { Ids } from "../../../../shared/ids.ts";
import { NOT_FOUND, unless } from "../errors.ts";
import type { PodEnvironment } from "../manifests/pod.ts";
import { isDecided, type Probed, probed } from "./probe_outcome.ts";
import { PROBE_LABEL, probePod } from "./probe_pod.ts";

export type ProbeOptions = Readonly<{
  config: KubeConfig;
  namespace: string;
  environments: ReadonlyMap<string, PodEnvironment>;
  s3Endpoints: readonly string[];
  clock: Clock;
  ids: Ids;
}>;

/** Below what a check may take. */
const WAIT_MS = 20_000;
const POLL_MS = 250;

/**
 * Starts a pod as runners' pods are started, waits for what it finds, and deletes it. One whose image is still being pulled stays, since
 * its end could end the pull as well: the next diagnosis goes on with it, or deletes it.
 */
export async function probe(options: ProbeOptions, signal: AbortSignal): Promise<Probed> {
  const { config, namespace, environments, s3Endpoints, clock, ids } = options;
  const core = config.makeApiClient(CoreV1Api);
  const remove = (pod: V1Pod) =>
    unless(
      [NOT_FOUND],
      core.deleteNamespacedPod({ name: pod.metadata!.name!, namespace, gracePeriodSeconds: 0 }),
    );
  const s3 = s3Endpoints.filter((each) => !each.startsWith("*."));
  const body = probePod({ name: `grad-diagnosis-${ids.random(8)}`, namespace }, environments, { s3 });

  /** A pod that an earlier diagnosis has left, and that tries the same. */
  async function left(): Promise<V1Pod | undefined> {
    let usable: V1Pod | undefined;
    const { items } = (await unless([], core.listNamespacedPod({ namespace, labelSelector: PROBE_LABEL })))!;
    for (const pod of items) {
      const ageMs = clock.now() - (pod.metadata?.creationTimestamp?.getTime() ?? 0);
      // Another instance of grad is waiting for it, or it is going already.
      if (ageMs < 2 * WAIT_MS || pod.metadata?.deletionTimestamp !== undefined) continue;
      if (usable === undefined && !isDecided(pod) && triesTheSame(pod, body)) usable = pod;
      else await remove(pod);
    }
    return usable;
  }
  let pod = await left() ?? (await unless([], core.createNamespacedPod({ namespace, body })))!;
  let waiting = false;
  try {
    for (const until = clock.now() + WAIT_MS; !isDecided(pod) && clock.now() < until;) {
      await clock.sleep(POLL_MS, signal);
      const name = pod.metadata!.name!;
      pod = await unless([NOT_FOUND], core.readNamespacedPod({ name, namespace })) ?? pod;
    }
    const found = probed(pod);
    waiting = found.pending === "image";
    return found;
  } finally {
    if (!waiting) await remove(pod);
  }
}

function triesTheSame(one: V1Pod, other: V1Pod): boolean {
  const what = ({ spec }: V1Pod) =>
    JSON.stringify(spec?.containers.map(({ image, command }) => [image, command]));
  return what(one) === what(other);
}
