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
/** A pod of a diagnosis that is older was left by a grad that was killed. */
const LEFT_MS = 5 * 60_000;

/** Starts a pod as runners' pods are started, waits for what it finds, and deletes it. */
export async function probe(options: ProbeOptions, signal: AbortSignal): Promise<Probed> {
  const { config, namespace, environments, s3Endpoints, clock, ids } = options;
  const core = config.makeApiClient(CoreV1Api);
  const remove = (name: string) =>
    unless([NOT_FOUND], core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 }));

  const { items: left } =
    (await unless([], core.listNamespacedPod({ namespace, labelSelector: PROBE_LABEL })))!;
  for (const { metadata } of left) {
    const ageMs = clock.now() - (metadata?.creationTimestamp?.getTime() ?? 0);
    if (ageMs > LEFT_MS && metadata?.name !== undefined) await remove(metadata.name);
  }

  const name = `grad-diagnosis-${ids.random(8)}`;
  const s3 = s3Endpoints.filter((each) => !each.startsWith("*."));
  const body = probePod({ name, namespace }, environments, { s3 });
  let pod: V1Pod = (await unless([], core.createNamespacedPod({ namespace, body })))!;
  try {
    for (const until = clock.now() + WAIT_MS; !isDecided(pod) && clock.now() < until;) {
      await clock.sleep(POLL_MS, signal);
      pod = await unless([NOT_FOUND], core.readNamespacedPod({ name, namespace })) ?? pod;
    }
    return probed(pod);
  } finally {
    await remove(name);
  }
}
