/** What grad finds out about a cluster for `gractl doctor`: each fault is made, and the check that is about it names it, no other one. */
import assert from "node:assert/strict";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { systemClock } from "../../shared/clock.ts";
import { systemIds } from "../../shared/ids.ts";
import { aContext } from "../../grad/auth/testing/contexts.ts";
import { Diagnose, type Finding } from "../../grad/diagnostics/diagnose.ts";
import { kubernetesDiagnostics } from "../../grad/runners/kubernetes/diagnostics/kubernetes_diagnostics.ts";
import { PROBE_LABEL } from "../../grad/runners/kubernetes/diagnostics/probe_pod.ts";
import { aNamespace, applyCrd, clusterConfig, kubectl, required } from "./support/cluster.ts";
import { applyPolicies } from "./support/policies.ts";

const IMAGE = required("GRAD_TEST_RUNNER_IMAGE", "the runner image, as the nodes of the cluster pull it");
const HOST = required("GRAD_TEST_CLUSTER_HOST", "the address of this machine that pods reach");

type Changes = Readonly<{
  image?: string;
  storageClassName?: string;
  s3Endpoints?: readonly string[];
  config?: KubeConfig;
}>;

/** What a diagnosis says where its pod was not over in time. */
const UNTRIED = /in the time of this check/;

/** What a diagnosis finds, by check, and that no pod of it is left. It is repeated where a busy machine did not end its pod in time. */
async function findings(namespace: string, changes: Changes = {}): Promise<Record<string, Finding>> {
  const { image = IMAGE, storageClassName, s3Endpoints = [], config = clusterConfig() } = changes;
  const environment = { image, requests: { cpuMillis: 20, memoryMib: 64 }, sessionIdleSeconds: 0 };
  for (let tries = 1;; tries++) {
    const diagnostics = kubernetesDiagnostics({
      config,
      namespace,
      environments: new Map([["default", environment]]),
      storageClassName,
      s3Endpoints,
      clock: systemClock,
      ids: systemIds,
    });
    const found = await new Diagnose(diagnostics, systemClock).run(aContext());
    if (tries < 8 && found.some(({ message }) => UNTRIED.test(message))) continue;
    if (tries === 1) {
      const core = clusterConfig().makeApiClient(CoreV1Api);
      const { items } = await core.listNamespacedPod({ namespace, labelSelector: PROBE_LABEL });
      assert.deepEqual(items.filter(({ metadata }) => !metadata?.deletionTimestamp), [], "a pod is left");
    }
    return Object.fromEntries(found.map((finding) => [finding.id, finding]));
  }
}

const wrong = (found: Record<string, Finding>) =>
  Object.values(found).filter(({ state }) => state !== "ok").map(({ id, state }) => `${id} ${state}`);

/** Listens where pods reach this machine. */
function listen(): Deno.TcpListener {
  return Deno.listen({ hostname: HOST, port: 0 });
}

function clusterTest(name: string, body: (namespace: string) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await applyCrd();
      await using namespace = await aNamespace(clusterConfig());
      await body(namespace.name);
    },
  });
}

clusterTest(
  "a cluster without network policies is found out, and one with them is in order",
  async (namespace) => {
    using server = listen();
    const endpoint = `${HOST}:${server.addr.port}`;
    const s3Endpoints = [endpoint, "*.amazonaws.com:443"];
    const open = await findings(namespace, { s3Endpoints });
    assert.deepEqual(wrong(open), ["network-policy failed"]);
    assert.match(open["network-policy"]!.message, /^Nothing keeps runners from .*:443/);
    assert.match(open["network-policy"]!.hint, /networkpolicy\.yaml/);

    await applyPolicies({ grad: namespace, runners: namespace, s3: { host: HOST, port: server.addr.port } });
    // A network plug-in applies new policies when it comes to it: until then a diagnosis rightly says that they do not hold.
    let closed = await findings(namespace, { s3Endpoints });
    for (let tries = 1; tries < 8 && wrong(closed).join() === "network-policy failed"; tries++) {
      closed = await findings(namespace, { s3Endpoints });
    }
    assert.deepEqual(wrong(closed), []);
    assert.match(closed["network-policy"]!.message, /^enforced: a runner reaches DNS/);
    assert.equal(closed["s3"]!.message, `a runner reaches ${endpoint}`);
    assert.match(closed["storage-class"]!.message, /the cluster's default$/);

    using other = listen();
    const elsewhere = `${HOST}:${other.addr.port}`;
    const unreached = await findings(namespace, { s3Endpoints: [endpoint, elsewhere, "s3.invalid:443"] });
    assert.deepEqual(wrong(unreached), ["s3 failed"]);
    assert.ok(unreached["s3"]!.message.includes(`${elsewhere} (`), unreached["s3"]!.message);
    assert.match(unreached["s3"]!.message, /s3\.invalid:443 \(its name cannot be resolved\)/);
    assert.ok(!unreached["s3"]!.message.includes(`${endpoint} (`));
  },
);

clusterTest("an image that no node can pull is named, with its registry's answer", async (namespace) => {
  const image = `${IMAGE.replace(/[:@][^/]*$/, "")}:there-is-none`;
  const found = await findings(namespace, { image });
  assert.deepEqual(wrong(found), ["image failed", "network-policy failed"]);
  assert.match(found["image"]!.message, /there-is-none/);
  assert.match(found["image"]!.hint, /`image:` in grad's configuration/);
  assert.match(found["network-policy"]!.message, /Cannot try the network/);
});

clusterTest("rights that grad's account does not have are listed", async (namespace) => {
  await kubectl("create", "serviceaccount", "grad", "--namespace", namespace);
  const token = (await kubectl("create", "token", "grad", "--namespace", namespace)).trim();
  const cluster = clusterConfig().getCurrentCluster()!;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(cluster, { name: "grad", token });
  const found = await findings(namespace, { config });
  assert.equal(found["kubernetes-api"]?.state, "ok");
  assert.equal(found["rights"]?.state, "failed");
  for (
    const right of ["create pods", "watch runners.grad.dev", "create tokenreviews.authentication.k8s.io"]
  ) {
    assert.ok(found["rights"].message.includes(right), found["rights"].message);
  }
  assert.match(found["rights"].hint, /rbac\.yaml/);
  // The rest cannot be tried without them.
  assert.deepEqual(wrong(found).slice(1), [
    "crd failed",
    "storage-class failed",
    "image failed",
    "network-policy failed",
  ]);
});
