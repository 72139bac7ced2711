import { join } from "node:path";
import { stringify } from "yaml";
import { dialNetworkGrad } from "../../../gractl/client/grpc_client.ts";
import type { GradClient } from "../../../gractl/client/grad_client.ts";
import { reconnecting } from "../../../gractl/client/reconnecting.ts";
import { systemClock } from "../../../shared/clock.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault_proxy.ts";
import { clusterConfig, required } from "./cluster.ts";
import { type GradProcess, gradProcesses, SERVER_NAME } from "./grad_processes.ts";

/** Which of the two replicas. */
export type At = 0 | 1;
export const BOTH: readonly At[] = [0, 1];

/** Two replicas of grad, each a process, over one namespace that only this test uses. */
export type Replicas =
  & AsyncDisposable
  & Readonly<{
    namespace: string;
    /** Between the replicas and the API server: a fault in it is one of the API server, but for the replicas alone. */
    api: FaultProxy;
    /**
     * A client as gractl has it: it repeats calls when its replica ends. It connects to replica `at`, or to the other one while that
     * does not run, as a Service of Kubernetes does. Every client is the same user.
     */
    client(at: At): Promise<GradClient>;
    /** Ends a replica as the OOM killer does, and waits until it is gone. */
    kill(at: At): Promise<void>;
    /** Starts the replica unless it runs, and waits until it serves. */
    ensure(at: At): Promise<void>;
    /** How a replica names itself, as in claims. */
    instance(at: At): string;
    /** What a replica has logged, its earlier processes included. */
    log(at: At): string;
  }>;

/** How long a client repeats a call, as gractl does. */
const PATIENCE_MS = 30_000;

/**
 * @param environments beside `default`, which has the image under test: image by name
 */
export async function startReplicas(
  environments: Readonly<Record<string, string>> = {},
): Promise<Replicas> {
  const image = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
  await using stack = new AsyncDisposableStack();
  const resources = { default: { cpu: "1", memory: "1Gi", storage: "1Gi" } };
  // Twenty idle runners fit on a node of two cores.
  const requests = { cpu: "20m", memory: "64Mi" };
  const images = Object.entries({ default: image, ...environments });
  const grads = stack.use(
    await gradProcesses({
      environments: Object.fromEntries(images.map(([name, image]) => [name, { image, resources, requests }])),
    }),
  );
  const config = clusterConfig();
  const server = new URL(config.getCurrentCluster()!.server);
  const host = server.hostname.replaceAll(/[[\]]/g, "");
  const api = stack.use(startFaultProxy(Number(server.port || 443), host));
  const kubeconfig = join(grads.dir, "kubeconfig");
  await Deno.writeTextFile(kubeconfig, throughProxy(config.exportConfig(), api.port, host), { mode: 0o600 });
  const token = await grads.tokenOf("alice");
  const tokens = {
    current: () => Promise.resolve(token),
    after: () => Promise.resolve(undefined),
    remedy: "",
  };
  const running: (GradProcess | undefined)[] = [undefined, undefined];
  const earlier = ["", ""];

  async function ensure(at: At): Promise<void> {
    running[at] ??= await grads.start({ KUBECONFIG: kubeconfig, GRAD_MAX_RUNNERS: "100" });
  }

  async function kill(at: At): Promise<void> {
    const replica = running[at]?.running;
    if (replica === undefined) return;
    running[at] = undefined;
    replica.signal("SIGKILL");
    await replica.ended;
    earlier[at] += replica.seen().stderr;
  }

  function dial(at: At, signal: AbortSignal): Promise<GradClient> {
    const { address } = running[at] ?? running[at === 0 ? 1 : 0]!;
    const port = Number(address.split(":").at(-1));
    return dialNetworkGrad(
      { host: "127.0.0.1", port, authority: grads.ca, serverName: SERVER_NAME },
      { tokens, clock: systemClock, signal },
    );
  }

  await Promise.all(BOTH.map(ensure));
  const kept = stack.move();
  return {
    namespace: grads.namespace,
    api,
    kill,
    ensure,
    instance: (at) =>
      /"server.ready".*"instance":"([^"]+)"/.exec(running[at]?.running.seen().stderr ?? "")?.[1] ?? "",
    log: (at) => earlier[at] + (running[at]?.running.seen().stderr ?? ""),
    async client(at) {
      const options = {
        dial: (signal: AbortSignal) => dial(at, signal),
        clock: systemClock,
        patienceMs: PATIENCE_MS,
        onLost: () => {},
      };
      return reconnecting(await dial(at, new AbortController().signal), options);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The same access to the cluster by way of a proxy on this machine. The API server's certificate is checked as before. */
function throughProxy(exported: string, port: number, host: string): string {
  const config = JSON.parse(exported) as {
    "current-context": string;
    contexts: { name: string; context: { cluster: string } }[];
    clusters: { name: string; cluster: Record<string, unknown> }[];
  };
  const context = config.contexts.find(({ name }) => name === config["current-context"]);
  for (const { name, cluster } of config.clusters) {
    if (name !== context?.context.cluster) continue;
    // A server name is no address. Every API server's certificate is for this name too.
    cluster["tls-server-name"] ??= /^[\d.]+$|:/.test(host) ? "kubernetes.default.svc" : host;
    cluster.server = `https://127.0.0.1:${port}`;
  }
  return stringify(config);
}
