import { join } from "node:path";
import { stringify } from "yaml";
import { dialGrad } from "../../../gractl/client/grpc_client.ts";
import type { GradClient } from "../../../gractl/client/grad_client.ts";
import { reconnecting } from "../../../gractl/client/reconnecting.ts";
import { systemClock } from "../../../shared/clock.ts";
import { Authority } from "../../../grad/runners/kubernetes/certificates.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault_proxy.ts";
import { eventually, type Running, start } from "../../support/process.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { aNamespace, applyCrd, clusterConfig, required } from "./cluster.ts";
import type { ReplicaSettings } from "./replica.ts";

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
     * does not run, as a Service of Kubernetes does.
     */
    client(at: At): Promise<GradClient>;
    /** Ends a replica as the OOM killer does, and waits until it is gone. */
    kill(at: At): Promise<void>;
    /** Starts the replica unless it runs, and waits until it serves. */
    ensure(at: At): Promise<void>;
    /** What a replica has logged, its earlier processes included. */
    log(at: At): string;
  }>;

/** How long a client repeats a call, as gractl does. */
const PATIENCE_MS = 30_000;
const START_MS = 90_000;

/**
 * @param environments beside `default`, which has the image under test: image by name
 */
export async function startReplicas(
  environments: Readonly<Record<string, string>> = {},
): Promise<Replicas> {
  const image = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
  const config = clusterConfig();
  await applyCrd();
  await using stack = new AsyncDisposableStack();
  const namespace = stack.use(await aNamespace(config));
  const dir = await Deno.makeTempDir({ prefix: "gr-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));

  const server = new URL(config.getCurrentCluster()!.server);
  const api = stack.use(
    startFaultProxy(Number(server.port || 443), server.hostname.replaceAll(/[[\]]/g, "")),
  );
  const kubeconfig = join(dir, "kubeconfig");
  await Deno.writeTextFile(kubeconfig, throughProxy(config.exportConfig(), api.port, server.hostname));

  const authority = await Authority.create(systemClock.now());
  const images = Object.entries({ default: image, ...environments });
  const running: (Running | undefined)[] = [undefined, undefined];
  const earlier = ["", ""];
  const socket = (at: At) => join(dir, `${at}.sock`);

  async function ensure(at: At): Promise<void> {
    if (running[at] !== undefined) return;
    const settings: ReplicaSettings = {
      socket: socket(at),
      namespace: namespace.name,
      authority,
      environments: Object.fromEntries(
        images.map(([name, image]) => [name, {
          image,
          requests: { cpuMillis: 50, memoryMib: 128 },
          sessionIdleSeconds: 43_200,
        }]),
      ),
    };
    const file = join(dir, `${at}.json`);
    await Deno.writeTextFile(file, JSON.stringify(settings));
    const argv = [Deno.execPath(), "run", "-A", "--no-lock", "--no-check"];
    const program = join(REPOSITORY, "tests/cluster/support/replica.ts");
    const started = start([...argv, program, file], {
      cwd: REPOSITORY,
      env: { ...Deno.env.toObject(), KUBECONFIG: kubeconfig },
      deadlineMs: 3_600_000,
    });
    running[at] = started;
    await started.saw(/replica ready/, START_MS);
  }

  async function kill(at: At): Promise<void> {
    const replica = running[at];
    if (replica === undefined) return;
    running[at] = undefined;
    replica.signal("SIGKILL");
    await replica.ended;
    earlier[at] += replica.seen().stderr;
  }

  async function dial(at: At, signal: AbortSignal): Promise<GradClient> {
    const up = [at, at === 0 ? 1 : 0].filter((each) => running[each] !== undefined) as At[];
    return await dialGrad(`unix:${socket(up[0] ?? at)}`, { clock: systemClock, signal });
  }

  stack.defer(async () => {
    for (const at of BOTH) await kill(at);
  });
  await Promise.all(BOTH.map(ensure));
  const kept = stack.move();
  return {
    namespace: namespace.name,
    api,
    kill,
    ensure,
    log: (at) => earlier[at] + (running[at]?.seen().stderr ?? ""),
    async client(at) {
      const options = {
        dial: (signal: AbortSignal) => dial(at, signal),
        clock: systemClock,
        patienceMs: PATIENCE_MS,
        onLost: () => {},
      };
      return reconnecting(
        await eventually(
          "grad",
          () => dial(at, AbortSignal.timeout(START_MS)).catch(() => undefined),
          START_MS,
        ),
        options,
      );
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
