import { join } from "node:path";
import { stringify } from "yaml";
import { systemClock } from "../../../shared/clock.ts";
import { Authority } from "../../../grad/runners/kubernetes/certificates.ts";
import { clients, type Network } from "../../../grad/rpc/testing/clients.ts";
import { program } from "../../support/gractl.ts";
import { type Running, start } from "../../support/process.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { aNamespace, applyCrd, clusterConfig, kubectl, required } from "./cluster.ts";

/** The name in the certificate of grads that tests start on this machine. */
export const SERVER_NAME = "grad.test";

/** A `grad serve` process of this machine, whose runners are pods of the cluster. */
export type GradProcess = Readonly<{
  /** "127.0.0.1:port". */
  address: string;
  /** Where it answers for kubelets. */
  healthUrl: string;
  running: Running;
}>;

/** Several grads over one namespace, as a deployment has them, but as processes of this machine. */
export type GradProcesses =
  & AsyncDisposable
  & Readonly<{
    namespace: string;
    /** Folder with the configuration, tls.crt, tls.key, and ca.crt, the authority that signed them. */
    dir: string;
    /** PEM of the authority that has signed the servers' certificate. */
    ca: string;
    /** @param env of the process, beside that of the tests */
    start(env?: Readonly<Record<string, string>>): Promise<GradProcess>;
    /** A token for grad of a service account of that name, which is made. */
    tokenOf(user: string): Promise<string>;
    /** Clients of all services of one grad. */
    clients(grad: GradProcess, token: string | undefined): ReturnType<typeof clients>;
    /** Signs a new certificate for the servers and replaces the old one's files. */
    renewCertificate(): Promise<void>;
  }>;

/** @param changes what the configuration has besides, such as `admins` */
export async function gradProcesses(
  changes: Readonly<Record<string, unknown>> = {},
): Promise<GradProcesses> {
  const image = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
  await applyCrd();
  await using stack = new AsyncDisposableStack();
  const namespace = stack.use(await aNamespace(clusterConfig()));
  const dir = await Deno.makeTempDir({ prefix: "grad-cluster-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const write = (name: string, text: string) => Deno.writeTextFile(join(dir, name), text, { mode: 0o600 });

  const serverCa = await Authority.create(systemClock.now());
  const signer = await Authority.load(serverCa);
  const renewCertificate = async () => {
    const { certificate, key } = await signer.server(SERVER_NAME, systemClock.now(), 1);
    await write("tls.key", key);
    await write("tls.crt", certificate);
  };
  await renewCertificate();
  await write("ca.crt", serverCa.certificate);
  const runnerCa = await Authority.create(systemClock.now());
  await write("runner-ca.crt", runnerCa.certificate);
  await write("runner-ca.key", runnerCa.key);
  const configFile = join(dir, "config.yaml");
  await write(
    "config.yaml",
    stringify({
      apiVersion: "grad.dev/v1alpha1",
      kind: "GradConfiguration",
      listen: "127.0.0.1:0",
      health: "127.0.0.1:0",
      tls: { certificate: join(dir, "tls.crt"), key: join(dir, "tls.key") },
      runners: {
        namespace: namespace.name,
        authority: { certificate: join(dir, "runner-ca.crt"), key: join(dir, "runner-ca.key") },
      },
      environments: {
        default: { image, resources: { default: { cpu: "1", memory: "1Gi", storage: "1Gi" } } },
      },
      ...changes,
    }),
  );

  const tokens = new Map<string, Promise<string>>();
  const made = stack.move();
  return {
    namespace: namespace.name,
    dir,
    ca: serverCa.certificate,
    renewCertificate,
    async start(env = {}) {
      const argv = [...program("grad"), "serve", "--backend", "kubernetes", "--config", configFile];
      const running = start(argv, {
        cwd: REPOSITORY,
        env: { ...Deno.env.toObject(), ...env },
        deadlineMs: 3_600_000,
      });
      made.defer(async () => {
        running.signal("SIGTERM");
        await running.ended;
      });
      await running.saw(/"event":"server.ready"/);
      const line = running.seen().stderr.split("\n").find((each) => each.includes('"server.ready"'))!;
      const { listen, health } = JSON.parse(line) as { listen: string; health: number };
      return { address: listen, healthUrl: `http://127.0.0.1:${health}`, running };
    },
    tokenOf(user) {
      const known = tokens.get(user) ?? makeToken(namespace.name, user);
      tokens.set(user, known);
      return known;
    },
    clients(grad, token) {
      const network: Network = { ca: serverCa.certificate, serverName: SERVER_NAME, token };
      return clients(grad.address, network);
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

async function makeToken(namespace: string, user: string): Promise<string> {
  await kubectl("create", "serviceaccount", user, "--namespace", namespace);
  return (await kubectl("create", "token", user, "--namespace", namespace, "--audience", "grad")).trim();
}
