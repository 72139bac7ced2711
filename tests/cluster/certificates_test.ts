import assert from "node:assert/strict";
import tls from "node:tls";
import { systemClock } from "../../shared/clock.ts";
import { silentLogger } from "../../shared/log.ts";
import { agentClient } from "../../grad/agent/grpc/agent_client.ts";
import { dataClient } from "../../grad/agent/grpc/data_client.ts";
import { Authority, type KeyPair } from "../../grad/runners/kubernetes/certificates.ts";
import { Identities } from "../../grad/runners/kubernetes/identity.ts";
import { kubernetesBackend } from "../../grad/runners/kubernetes/kubernetes_backend.ts";
import { kubernetesStore } from "../../grad/runners/kubernetes/kubernetes_store.ts";
import { aRecord } from "../../grad/runners/testing/records.ts";
import { waitUntilReady } from "../../grad/runners/wait_until_ready.ts";
import { eventually } from "../support/process.ts";
import { aNamespace, applyCrd, clusterConfig, kubectl, required } from "./support/cluster.ts";

const IMAGE = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
/** The kubelet writes a Secret that has changed into a pod within its period of a minute, and half of that more. */
const KUBELET_MS = 240_000;
const signal = new AbortController().signal;

/** The certificate that a component serves, as a fingerprint. */
function fingerprint(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port: 7070, rejectUnauthorized: false, ALPNProtocols: ["h2"] }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

Deno.test({
  name:
    "an authority replaces another, and a runner's certificate is renewed, while the runner's pod goes on",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const config = clusterConfig();
    await applyCrd();
    await using namespace = await aNamespace(config);
    const [old, next] = [
      await Authority.create(systemClock.now()),
      await Authority.create(systemClock.now()),
    ];
    const bundle = (first: KeyPair, second: KeyPair): KeyPair => ({
      certificate: `${first.certificate}\n${second.certificate}`,
      key: first.key,
    });
    /** What the files of the authority have. */
    let files = old;
    const options = { authority: () => files, clock: systemClock, log: silentLogger };
    const identities = new Identities(options);
    const store = kubernetesStore(config, namespace.name);
    const backend = kubernetesBackend({
      config,
      namespace: namespace.name,
      environments: new Map([["default", {
        image: IMAGE,
        requests: { cpuMillis: 50, memoryMib: 128 },
        sessionIdleSeconds: 43_200,
      }]]),
      identity: () => identities.current(),
      clock: systemClock,
      log: silentLogger,
      connect: ({ agent, data, tls }) => ({ agent: agentClient(agent, tls), data: dataClient(data, tls) }),
    });
    const record = aRecord();
    await store.create(record);
    await backend.apply(record, signal);
    const report = () => Promise.resolve();
    await waitUntilReady(backend, record, { clock: systemClock, signal, report });
    const [ip = "", uid] = (await kubectl(
      ...["get", "pod", record.id, "--namespace", namespace.name],
      ...["--output", "jsonpath={.status.podIP} {.metadata.uid}"],
    )).split(" ");
    const ask = async () => (await (await backend.connect(record)).agent.getInfo(0, signal)).agentVersion;
    assert.ok(await ask());

    // An instance whose files have the next authority already is refused: its client certificate is not known here.
    files = next;
    await assert.rejects(ask(), { code: "runner_unavailable" });

    // First the next authority is trusted, and the runner learns it.
    files = bundle(old, next);
    assert.ok(await ask());
    const first = await fingerprint(ip);
    assert.ok(await backend.certificates.renewOld(0));
    // The kubelet looks at a pod that has changed at once, instead of within a minute or two.
    await kubectl("annotate", "pod", record.id, "--namespace", namespace.name, "grad.test/look=now");
    await eventually(
      "the renewed certificate",
      async () => await fingerprint(ip) === first ? undefined : true,
      KUBELET_MS,
    );
    assert.ok(await ask());

    // Then it signs.
    files = bundle(next, old);
    assert.ok(await ask());
    const again = await kubectl(
      ...["get", "pod", record.id, "--namespace", namespace.name, "--output", "jsonpath={.metadata.uid}"],
    );
    assert.equal(again, uid, "the pod is the same");
  },
});
