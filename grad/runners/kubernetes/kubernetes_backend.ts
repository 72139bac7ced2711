import { CoreV1Api, CustomObjectsApi, type KubeConfig, type V1Pod } from "@kubernetes/client-node";
import type { Clock } from "../../../shared/clock.ts";
import { GradError } from "../../../shared/errors.ts";
import type { Logger } from "../../../shared/log.ts";
import type { ComponentLog, Components, RunnerBackend } from "../backend.ts";
import { linesAtEnd } from "../log_lines.ts";
import type { RunnerRecord } from "../runner.ts";
import type { Authority, KeyPair } from "./certificates.ts";
import { CONFLICT, NOT_FOUND, unless } from "./errors.ts";
import { AGENT_PORT, certificateName, DATA_PORT, serverName, volumeName } from "./manifests/layout.ts";
import { type Owner, RESOURCE, RUNNER_LABEL, runnerMetadata } from "./manifests/metadata.ts";
import { type PodEnvironment, podManifest } from "./manifests/pod.ts";
import { volumeManifest } from "./manifests/volume.ts";
import { observePod } from "./observe_pod.ts";
import type { RunnerObject } from "./runner_object.ts";
import { changes } from "./watch.ts";

/** Components whose connections can be closed. */
type ClosableComponents = Readonly<
  { [Component in keyof Components]: Components[Component] & { close(): void } }
>;

export type KubernetesOptions = Readonly<{
  config: KubeConfig;
  /** Of runners; grad has another one. */
  namespace: string;
  environments: ReadonlyMap<string, PodEnvironment>;
  /** Of volumes; the cluster's default where it is undefined. */
  storageClassName?: string | undefined;
  authority: Authority;
  clock: Clock;
  log: Logger;
  /** Ways to talk to components at "host:port", whose certificates are for `serverName`. */
  connect: (
    at: Readonly<{ agent: string; data: string; serverName: string }>,
  ) => ClosableComponents;
}>;

/** Of a runner's certificate. A pod that is older is made again at its next start. */
const CERTIFICATE_DAYS = 365;
const STOP_MS = 60_000;
const POLL_MS = 250;
const LOG_LINES = 3;

/** Runs each runner as one pod over one volume; both belong to the runner's custom resource, and Kubernetes deletes them with it. */
export function kubernetesBackend(options: KubernetesOptions): RunnerBackend {
  const { config, namespace, environments, authority, clock, log } = options;
  const core = config.makeApiClient(CoreV1Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  /** By runner. An optimisation: a pod at another address does not have the certificate for this runner's name. */
  const connected = new Map<string, Readonly<{ address: string; components: ClosableComponents }>>();

  const getPod = (id: string): Promise<V1Pod | undefined> =>
    unless([NOT_FOUND], core.readNamespacedPod({ name: id, namespace }));

  function hangUp(id: string): void {
    const { components } = connected.get(id) ?? {};
    connected.delete(id);
    components?.agent.close();
    components?.data.close();
  }

  async function ownerOf(id: string): Promise<Owner> {
    const name = { ...RESOURCE, namespace, name: id };
    const found: RunnerObject | undefined = await unless([NOT_FOUND], custom.getNamespacedCustomObject(name));
    const uid = found?.metadata.uid;
    if (uid === undefined) {
      throw new GradError("runner_not_found", `Cannot start the runner ${id}: it has no record`);
    }
    return { namespace, uid };
  }

  /** A new certificate for each pod: nobody can read the Secret of an earlier one, grad neither. */
  async function writeCertificate(record: RunnerRecord, owner: Owner): Promise<void> {
    const name = certificateName(record.id);
    await unless([NOT_FOUND], core.deleteNamespacedSecret({ name, namespace }));
    const pair: KeyPair = await authority.server(serverName(record.id), clock.now(), CERTIFICATE_DAYS);
    const body = {
      metadata: runnerMetadata(record, owner, name),
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": pair.certificate, "tls.key": pair.key, "ca.crt": authority.certificate },
    };
    await unless([CONFLICT], core.createNamespacedSecret({ namespace, body }));
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
    await unless([CONFLICT], core.createNamespacedPersistentVolumeClaim({ namespace, body: volume }));
    signal.throwIfAborted();
    await writeCertificate(record, owner);
    signal.throwIfAborted();
    const pod = podManifest(record, environment, owner);
    const made = await unless([CONFLICT], core.createNamespacedPod({ namespace, body: pod }));
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
    hangUp(id);
    await unless([NOT_FOUND], core.deleteNamespacedPod({ name: id, namespace }));
    await gone(id);
    await unless([NOT_FOUND], core.deleteNamespacedSecret({ name: certificateName(id), namespace }));
  }

  return {
    name: "kubernetes",
    components: ["agent", "kernel", "data", "mount"],
    recreatesLost: true,
    apply,
    observe: async (id) => observePod(await getPod(id)),
    async *watch(signal) {
      const collection = {
        path: `/api/v1/namespaces/${namespace}/pods`,
        labelSelector: RUNNER_LABEL,
        async list() {
          const listed = await unless([], core.listNamespacedPod({ namespace, labelSelector: RUNNER_LABEL }));
          return { items: listed?.items ?? [], resourceVersion: listed?.metadata?.resourceVersion ?? "" };
        },
      };
      for await (const { metadata } of changes(config, collection, signal)) {
        const id = metadata?.labels?.[RUNNER_LABEL];
        if (id !== undefined) yield id;
      }
    },
    async connect({ id }) {
      const address = (await getPod(id))?.status?.podIP;
      if (address === undefined || address === "") {
        throw new GradError("runner_unavailable", "Cannot reach the runner: its pod has no address yet", {
          hint: "Call again.",
        });
      }
      const known = connected.get(id);
      if (known?.address === address) return known.components;
      hangUp(id);
      const host = address.includes(":") ? `[${address}]` : address;
      const components = options.connect({
        agent: `${host}:${AGENT_PORT}`,
        data: `${host}:${DATA_PORT}`,
        serverName: serverName(id),
      });
      connected.set(id, { address, components });
      return components;
    },
    stop,
    async deleteVolume(id) {
      await unless(
        [NOT_FOUND],
        core.deleteNamespacedPersistentVolumeClaim({ name: volumeName(id), namespace }),
      );
    },
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
