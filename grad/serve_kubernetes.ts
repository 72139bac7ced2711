/** Composition root of the backend of a cluster: runners are pods, and several instances of grad serve them. */
import { kubeConfig } from "./runners/kubernetes/kube_config.ts";
import { agentClient } from "./agent/grpc/agent_client.ts";
import { dataClient } from "./agent/grpc/data_client.ts";
import { bearerTokens } from "./auth/bearer_tokens.ts";
import { tokenReview } from "./auth/token_review.ts";
import { parseClusterConfig } from "./config/cluster_config.ts";
import type { KubernetesConfig } from "./config/config.ts";
import { CertificateFiles } from "./listen/certificate_files.ts";
import { tlsListener } from "./listen/tls.ts";
import { limitRunners } from "./runners/limit_runners.ts";
import { kubernetesDiagnostics } from "./runners/kubernetes/diagnostics/kubernetes_diagnostics.ts";
import { Identities } from "./runners/kubernetes/identity.ts";
import { keepRunnerCertificates } from "./runners/kubernetes/keep_runner_certificates.ts";
import { kubernetesBackend } from "./runners/kubernetes/kubernetes_backend.ts";
import { kubernetesStore } from "./runners/kubernetes/kubernetes_store.ts";
import { runServer, type ThisProcess } from "./run_server.ts";

/** Serves with TLS until the process is to stop. */
export async function serveKubernetes(
  { file, runnerImage, maxRunners, maxCalls }: KubernetesConfig,
  process: ThisProcess,
): Promise<void> {
  const { clock, log } = process;
  const cluster = parseClusterConfig(await Deno.readFile(file), file, runnerImage);
  const { namespace, environments, authority: authorityFiles, idle, s3Endpoints } = cluster;
  const config = kubeConfig();
  const files = { readFile: Deno.readTextFile, clock, log };
  const served = new CertificateFiles({ ...files, files: cluster.tls });
  const signing = new CertificateFiles({ ...files, files: authorityFiles });
  await Promise.all([served.load(), signing.load()]);
  const identities = new Identities({ authority: () => signing.current, clock, log });
  await identities.current();

  const sessionIdleSeconds = Math.round((idle.endSessionAfterMs ?? 0) / 1000);
  const { storageClassName } = cluster;
  const pods = new Map(
    [...environments].map(([name, made]) => [name, { ...made, s3Endpoints, sessionIdleSeconds }] as const),
  );
  const backend = kubernetesBackend({
    config,
    namespace,
    environments: pods,
    storageClassName,
    identity: () => identities.current(),
    clock,
    log,
    connect: ({ agent, data, tls }) => ({ agent: agentClient(agent, tls), data: dataClient(data, tls) }),
  });
  const store = kubernetesStore(config, namespace);
  await runServer({
    backend,
    store: limitRunners(store, maxRunners),
    environments,
    idle,
    diagnostics: kubernetesDiagnostics({
      config,
      namespace,
      environments: pods,
      storageClassName,
      s3Endpoints,
      clock,
      ids: process.ids,
    }),
    authenticator: bearerTokens(tokenReview(config, cluster.admins), clock),
    listener: tlsListener(cluster.listen, served),
    health: cluster.health,
    probe: () => store.probe(),
    maxCalls,
    background: (signal) =>
      Promise.all([
        served.follow(signal),
        signing.follow(signal),
        keepRunnerCertificates({
          certificates: backend.certificates,
          watchAuthority: (changed) => signing.watch(changed),
          clock,
          log,
        }, signal),
      ]),
  }, process);
}
