import { systemClock } from "../../../shared/clock.ts";
import { silentLogger } from "../../../shared/log.ts";
import { agentClient } from "../../../grad/agent/grpc/agent_client.ts";
import { dataClient } from "../../../grad/agent/grpc/data_client.ts";
import { Authority, type KeyPair } from "../../../grad/runners/kubernetes/certificates.ts";
import { kubernetesBackend } from "../../../grad/runners/kubernetes/kubernetes_backend.ts";
import { kubernetesStore } from "../../../grad/runners/kubernetes/kubernetes_store.ts";
import type { PodEnvironment } from "../../../grad/runners/kubernetes/manifests/pod.ts";
import type { RunnerBackend } from "../../../grad/runners/backend.ts";
import type { Instance, World } from "../../../grad/runners/testing/backend_contract.ts";
import { aNamespace, applyCrd, clusterConfig, kubectl, required } from "./cluster.ts";

const IMAGE = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
const CLIENT_NAME = "grad.internal";

export type ClusterWorld =
  & World
  & Readonly<{ namespace: string; /** grad's own certificate. */ client: KeyPair }>;

export type WorldOptions = Readonly<{
  /** More environments, each with what it has differently from the default one. */
  environments?: Readonly<Record<string, Partial<PodEnvironment>>>;
  storageClassName?: string;
}>;

/** A world in a namespace of its own, with grad in this process: pods are reached by their addresses. */
export async function clusterWorld(
  { environments = {}, storageClassName }: WorldOptions = {},
): Promise<ClusterWorld> {
  const config = clusterConfig();
  await applyCrd();
  const namespace = await aNamespace(config);
  const authority = await Authority.load(await Authority.create(systemClock.now()));
  const client = await authority.client(CLIENT_NAME, systemClock.now(), 1);
  const channels: { close(): void }[] = [];
  const environment = {
    image: IMAGE,
    requests: { cpuMillis: 50, memoryMib: 128 },
    sessionIdleSeconds: 43_200,
  };
  const identified = Promise.resolve({ authority, client });
  const identity = () => identified;
  const grad = (): Instance => {
    const store = kubernetesStore(config, namespace.name);
    const backend = kubernetesBackend({
      config,
      namespace: namespace.name,
      environments: new Map([
        ["default", environment],
        ...Object.entries(environments).map(([name, changes]) =>
          [name, { ...environment, ...changes }] as const
        ),
      ]),
      ...(storageClassName === undefined ? {} : { storageClassName }),
      identity,
      clock: systemClock,
      log: silentLogger,
      connect({ agent, data, tls }) {
        const components = { agent: agentClient(agent, tls), data: dataClient(data, tls) };
        channels.push(components.agent, components.data);
        return components;
      },
    });
    return { store, backend: withRecord(backend, store) };
  };
  return {
    namespace: namespace.name,
    client,
    grad,
    crash: async (id) =>
      void await kubectl(
        "delete",
        "pod",
        id,
        "--namespace",
        namespace.name,
        "--grace-period=0",
        "--force",
        "--wait",
      ),
    async [Symbol.asyncDispose]() {
      for (const channel of channels) channel.close();
      await namespace[Symbol.asyncDispose]();
    },
  };
}

/** A pod belongs to a record, which the contract of the port alone does not write. */
function withRecord(backend: RunnerBackend, store: Instance["store"]): RunnerBackend {
  return {
    ...backend,
    async apply(record, signal) {
      signal.throwIfAborted();
      await store.create(record);
      await backend.apply(record, signal);
    },
  };
}
