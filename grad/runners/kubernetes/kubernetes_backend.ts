import {
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  type KubernetesObject,
  type V1Pod,
} from "@kubernetes/client-node";
import type { Clock } from "../../../shared/clock.ts";
import { GradError } from "../../../shared/errors.ts";
import type { Logger } from "../../../shared/log.ts";
import type { ComponentLog, RunnerBackend } from "../backend.ts";
import { linesAtEnd } from "../log_lines.ts";
import type { RunnerRecord } from "../runner.ts";
import { type Connect, Connections } from "./connections.ts";
import { NOT_FOUND, unless, unlessExists } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { volumeName } from "./manifests/layout.ts";
import { type Owner, RESOURCE, RUNNER_LABEL } from "./manifests/metadata.ts";
import { type PodEnvironment, podManifest } from "./manifests/pod.ts";
import { volumeManifest } from "./manifests/volume.ts";
import { observePod } from "./observe_pod.ts";
import { PodObserver } from "./pod_observer.ts";
import { RunnerCertificates } from "./runner_certificates.ts";
import type { RunnerObject } from "./runner_object.ts";
import { changes } from "./watch.ts";

export type KubernetesOptions = Readonly<{
  config: KubeConfig;
  /** Of runners; grad has another one. */
  namespace: string;
  environments: ReadonlyMap<string, PodEnvironment>;
  /** Of volumes; the cluster's default where it is undefined. */
  storageClassName?: string | undefined;
  /** Signs runners' certificates and identifies grad to their components; the same object until it is renewed. */
  identity: () => Promise<Identity>;
  clock: Clock;
  log: Logger;
  connect: Connect;
}>;

/** The backend of runners in pods. */
export type KubernetesBackend =
  & RunnerBackend
  & Readonly<{ certificates: Pick<RunnerCertificates, "renewOld"> }>;

const STOP_MS = 60_000;
const POLL_MS = 250;
const LOG_LINES = 3;

/** Runs each runner as one pod over one volume; both belong to the runner's custom resource, and Kubernetes deletes them with it. */
export function kubernetesBackend(options: KubernetesOptions): KubernetesBackend {
  const { config, namespace, environments, clock, log } = options;
  const core = config.makeApiClient(CoreV1Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  const certificates = new RunnerCertificates({ ...options, core, custom });
  const getPod = (id: string): Promise<V1Pod | undefined> =>
    unless([NOT_FOUND], core.readNamespacedPod({ name: id, namespace }));
  const connections = new Connections({ ...options, getPod });
  const observer = new PodObserver({ ...options, core });

  async function ownerOf(id: string): Promise<Owner> {
    const name = { ...RESOURCE, namespace, name: id };
    const found: RunnerObject | undefined = await unless([NOT_FOUND], custom.getNamespacedCustomObject(name));
    const uid = found?.metadata.uid;
    if (uid === undefined) {
      throw new GradError("runner_not_found", `Cannot start the runner ${id}: it has no record`);
    }
    return { namespace, uid };
  }

  async function apply(record: RunnerRecord, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { id, spec } = record;
    const environment = environments.get(spec.environment);
    if (environment === undefined) {
      throw new GradError("environment_not_found", `Cannot find the environment "${spec.environment}"`, {
        hint: `There are: ${[...environments.keys()].join(", ")}.`,
      });
    }
    const existing = await getPod(id);
    if (existing !== undefined && observePod(existing).state !== "absent") {
      if (existing.metadata?.deletionTimestamp === undefined) return;
      await gone(id, signal);
    } else if (existing !== undefined) {
      await stop(id);
    }
    const owner = await ownerOf(id);
    signal.throwIfAborted();
    const volume = volumeManifest(record, owner, options.storageClassName);
    await unlessExists(core.createNamespacedPersistentVolumeClaim({ namespace, body: volume }));
    signal.throwIfAborted();
    // A new one for each pod: nobody can read the Secret of an earlier one, grad neither.
    await certificates.write(record, owner);
    signal.throwIfAborted();
    const pod = podManifest(record, environment, owner);
    const made = await unlessExists(core.createNamespacedPod({ namespace, body: pod }));
    if (made !== undefined) log.info("pod.created", { runner: id });
  }

  /** Waits until the API says that there is no pod. */
  async function gone(id: string, signal?: AbortSignal): Promise<void> {
    for (const endsAt = clock.now() + STOP_MS; await getPod(id) !== undefined;) {
      if (clock.now() > endsAt) {
        throw new GradError(
          "runner_unavailable",
          `Cannot end the pod of the runner ${id}: it is still there`,
          {
            hint: `See \`kubectl describe pod ${id} --namespace ${namespace}\`.`,
          },
        );
      }
      await clock.sleep(POLL_MS, signal);
    }
  }

  async function stop(id: string): Promise<void> {
    // Before the components end: their GOAWAY frame would kill this process on Deno 2.9 (denoland/deno#36788).
    connections.drop(id);
    await unless([NOT_FOUND], core.deleteNamespacedPod({ name: id, namespace }));
    await gone(id);
    await certificates.remove(id);
  }

  return {
    name: "kubernetes",
    certificates,
    components: ["agent", "kernel", "data", "mount"],
    // Each look is a request to the API server.
    pollMs: 100,
    recreatesLost: true,
    apply,
    observe: async (id) => await observer.observe(id, await getPod(id)),
    async *watch(signal) {
      const idOf = ({ metadata }: KubernetesObject) => metadata?.labels?.[RUNNER_LABEL];
      const pods = {
        path: `/api/v1/namespaces/${namespace}/pods`,
        labelSelector: RUNNER_LABEL,
        async list() {
          const listed = await unless([], core.listNamespacedPod({ namespace, labelSelector: RUNNER_LABEL }));
          const items = listed?.items ?? [];
          connections.listed(new Map(items.map((pod) => [idOf(pod) ?? "", pod])));
          return { items, resourceVersion: listed?.metadata?.resourceVersion ?? "" };
        },
        reported(pod: V1Pod, isDeleted: boolean) {
          connections.changed(idOf(pod) ?? "", isDeleted ? undefined : pod);
        },
        ended: () => connections.unwatched(),
      };
      for await (const pod of changes(config, pods, signal)) {
        const id = idOf(pod);
        if (id !== undefined) yield id;
      }
    },
    connect: ({ id }) => connections.to(id),
    stop,
    async deleteVolume(id) {
      await unless(
        [NOT_FOUND],
        core.deleteNamespacedPersistentVolumeClaim({ name: volumeName(id), namespace }),
      );
    },
    async inventory() {
      const of = { namespace, labelSelector: RUNNER_LABEL };
      const [pods, volumes] = await Promise.all([
        unless([], core.listNamespacedPod(of)),
        unless([], core.listNamespacedPersistentVolumeClaim(of)),
      ]);
      const found = [...pods?.items ?? [], ...volumes?.items ?? []]
        .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata?.labels?.[RUNNER_LABEL] ?? "");
      return [...new Set(found)];
    },
    // Everything belongs to the custom resource: without that, the cluster's garbage collector deletes it.
    removeOrphan: () => Promise.resolve(),
    async logs(id, component) {
      const log = core.readNamespacedPodLog({
        name: id,
        namespace,
        container: component,
        tailLines: LOG_LINES,
      });
      const text = await unless([400, NOT_FOUND], log);
      return (text ?? "").trim().split("\n").join(" | ");
    },
    async readLogs(id, component, maxLines) {
      const { status } = await getPod(id) ?? {};
      const containers = [...status?.initContainerStatuses ?? [], ...status?.containerStatuses ?? []];
      const container = containers.find(({ name }) => name === component);
      if (container === undefined) return [];
      const read = async (previous: boolean): Promise<ComponentLog[]> => {
        const log = core.readNamespacedPodLog({
          name: id,
          namespace,
          container: component,
          tailLines: maxLines,
          previous,
        });
        // A container that has not started yet, or that the node has removed, has no log.
        const text = await unless([400, NOT_FOUND], log);
        return text === undefined ? [] : [{ component, text: linesAtEnd(text, maxLines), previous }];
      };
      return [...container.restartCount > 0 ? await read(true) : [], ...await read(false)];
    },
  };
}
