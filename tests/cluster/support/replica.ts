/**
 * One replica of grad as a process of its own, so that a test can kill it: `replica.ts SETTINGS`, a JSON file with
 * {@link ReplicaSettings}. It serves on a unix socket, and every caller is `local`.
 */
import { systemClock } from "../../../shared/clock.ts";
import { systemIds } from "../../../shared/ids.ts";
import { jsonLogger } from "../../../shared/log.ts";
import { agentClient } from "../../../grad/agent/grpc/agent_client.ts";
import { dataClient } from "../../../grad/agent/grpc/data_client.ts";
import { unixUser } from "../../../grad/auth/unix_user.ts";
import { Diagnose } from "../../../grad/diagnostics/diagnose.ts";
import { Executions } from "../../../grad/executions/executions.ts";
import { Files } from "../../../grad/files/files.ts";
import { serve } from "../../../grad/listen/server.ts";
import { unixSocket } from "../../../grad/listen/unix_socket.ts";
import { METHODS } from "../../../grad/rpc/middleware/methods.ts";
import { Authority, type KeyPair } from "../../../grad/runners/kubernetes/certificates.ts";
import { kubernetesBackend } from "../../../grad/runners/kubernetes/kubernetes_backend.ts";
import { kubernetesStore } from "../../../grad/runners/kubernetes/kubernetes_store.ts";
import type { PodEnvironment } from "../../../grad/runners/kubernetes/manifests/pod.ts";
import { ENVIRONMENTS } from "../../../grad/runners/testing/service.ts";
import { RunnerService } from "../../../grad/runners/service.ts";
import { Sessions } from "../../../grad/sessions/sessions.ts";
import { CallCounts } from "../../../grad/telemetry/call_metrics.ts";
import { clusterConfig } from "./cluster.ts";

export type ReplicaSettings = Readonly<{
  socket: string;
  namespace: string;
  authority: KeyPair;
  environments: Readonly<Record<string, PodEnvironment>>;
}>;

async function run({ socket, namespace, authority: pair, environments }: ReplicaSettings): Promise<void> {
  const clock = systemClock;
  const log = jsonLogger((line) => console.error(line), { now: clock.now, level: "debug" });
  const config = clusterConfig();
  const authority = await Authority.load(pair);
  const client = await authority.client("grad.internal", clock.now(), 1);
  const identity = Promise.resolve({ authority, client });
  const store = kubernetesStore(config, namespace);
  const backend = kubernetesBackend({
    config,
    namespace,
    environments: new Map(Object.entries(environments)),
    identity: () => identity,
    clock,
    log,
    connect({ agent, data, tls }) {
      return { agent: agentClient(agent, tls), data: dataClient(data, tls) };
    },
  });
  const defaults = ENVIRONMENTS.get("default")!;
  const runners = new RunnerService({
    store,
    backend,
    environments: new Map(Object.keys(environments).map((name) => [name, defaults])),
    clock,
    ids: systemIds,
    log,
    instance: `${Deno.pid}`,
    stopping: new AbortController().signal,
  });
  await using _server = await serve(await unixSocket(socket), {
    system: { backend: backend.name, environments: runners.environments, instance: `${Deno.pid}` },
    diagnose: new Diagnose({ checks: [] }, clock),
    runners,
    executions: new Executions(runners, clock),
    sessions: new Sessions(runners),
    files: new Files(runners),
    clock,
    authenticator: unixUser,
    metrics: new CallCounts(METHODS),
    probe: () => store.list(),
    ids: systemIds,
    log,
    now: () => performance.now(),
    maxCalls: 1_000,
  });
  console.error("replica ready");
  await runners.reconciler.run();
}

await run(JSON.parse(await Deno.readTextFile(Deno.args[0]!)));
