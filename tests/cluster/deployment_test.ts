/** What grad's deployment promises, on the one that tools/cluster/deploy.sh has made: the production overlay with two replicas. */
import assert from "node:assert/strict";
import { connect as connectTls } from "node:tls";
import { eventually, run } from "../support/process.ts";
import { REPOSITORY } from "../support/repository.ts";
import { kubectl, required } from "./support/cluster.ts";

const NAMESPACE = required("GRAD_TEST_NAMESPACE", "the namespace of the deployed grad");
const RUNNERS = required("GRAD_TEST_RUNNER_NAMESPACE", "the namespace of its runners");
const USERS = required("GRAD_TEST_USER_NAMESPACE", "the namespace of its callers");
const ADDRESS = new URL(required("GRAD_TEST_ADDRESS", "the address of the deployed grad"));
const AUTHORITY = required("GRAD_TEST_CA", "the file with the certificate of its authority");
const GRAD = ["--namespace", NAMESPACE, "--selector", "app.kubernetes.io/name=grad"];

const can = async (account: string, namespace: string, verb: string, resource: string) => {
  const argv = [
    "kubectl",
    "auth",
    "can-i",
    verb,
    ...resource.split(" "),
    "--namespace",
    namespace,
    "--as",
    account,
  ];
  return (await run(argv, { cwd: REPOSITORY, env: Deno.env.toObject() })).stdout.trim();
};

/** The serial number of the certificate that a new connection is served with; it is for the address, and of the published authority. */
function servedSerial(): Promise<string> {
  return new Promise((resolve, reject) => {
    const ca = Deno.readTextFileSync(AUTHORITY);
    const { hostname: host, port } = ADDRESS;
    const socket = connectTls(
      { host, port: Number(port), ca, servername: "grad", ALPNProtocols: ["h2"] },
      () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      },
    );
    socket.on("error", reject);
  });
}

Deno.test("two replicas run, as no user of the node, with nothing to write to and no shell", async () => {
  const pods = JSON.parse(await kubectl("get", "pods", ...GRAD, "--output=json")) as {
    items: {
      metadata: { name: string };
      spec: { containers: { securityContext: Record<string, unknown> }[] };
    }[];
  };
  assert.equal(pods.items.length, 2);
  const { securityContext } = pods.items[0]!.spec.containers[0]!;
  assert.equal(securityContext["readOnlyRootFilesystem"], true);
  const pod = pods.items[0]!.metadata.name;
  const shell = ["kubectl", "exec", "--namespace", NAMESPACE, pod, "--", "sh", "-c", "true"];
  const tried = await run(shell, { cwd: REPOSITORY, env: Deno.env.toObject() });
  assert.notEqual(tried.code, 0);
  assert.match(tried.stderr, /sh/);
  // The namespace takes no other pods: one that asks for more is refused.
  const privileged = [
    "kubectl",
    "run",
    "p",
    "--namespace",
    NAMESPACE,
    "--image=x",
    "--privileged",
    "--dry-run=server",
  ];
  const refused = await run(privileged, { cwd: REPOSITORY, env: Deno.env.toObject() });
  assert.match(refused.stderr, /violates PodSecurity "restricted/);
});

Deno.test("grad's account makes runners and their certificates, and reads no Secret", async () => {
  const account = `system:serviceaccount:${NAMESPACE}:grad`;
  for (
    const [verb, resource] of [["create", "pods"], ["create", "secrets"], ["delete", "secrets"], [
      "list",
      "pods",
    ]]
  ) {
    assert.equal(await can(account, RUNNERS, verb!, resource!), "yes", `${verb} ${resource}`);
  }
  for (
    const [namespace, verb, resource] of [
      [RUNNERS, "get", "secrets"],
      [RUNNERS, "list", "secrets"],
      [RUNNERS, "create", "pods --subresource=exec"],
      [RUNNERS, "create", "rolebindings"],
      [NAMESPACE, "get", "secrets"],
      [NAMESPACE, "create", "pods"],
      [NAMESPACE, "update", "configmaps"],
      ["kube-system", "get", "pods"],
    ]
  ) {
    assert.equal(
      await can(account, namespace!, verb!, resource!),
      "no",
      `${verb} ${resource} in ${namespace}`,
    );
  }
});

Deno.test("every account of the cluster can read grad's authority, and no other object of its namespace", async () => {
  const account = `system:serviceaccount:${USERS}:alice`;
  const authenticated = ["--as-group", "system:authenticated"];
  const published = await kubectl(
    ...["get", "configmap", "grad-ca", "--namespace", NAMESPACE, "--output=jsonpath={.data.ca\\.crt}"],
    ...["--as", account, ...authenticated],
  );
  assert.equal(published, await Deno.readTextFile(AUTHORITY));
  assert.equal(await can(account, NAMESPACE, "list", "configmaps"), "no");
  assert.equal(await can(account, NAMESPACE, "get", "secrets"), "no");
});

Deno.test("a renewed certificate is served by both replicas without a restart", async () => {
  const started = () =>
    kubectl("get", "pods", ...GRAD, "--output=jsonpath={.items[*].status.containerStatuses[*].containerID}");
  const before = await started();
  const old = await servedSerial();
  await kubectl("delete", "secret", "grad-tls", "--namespace", NAMESPACE);
  await kubectl("rollout", "restart", "deployment/grad-certificates", "--namespace", NAMESPACE);
  await kubectl(
    "rollout",
    "status",
    "deployment/grad-certificates",
    "--namespace",
    NAMESPACE,
    "--timeout=120s",
  );
  // The kubelet writes a changed Secret into pods within about a minute; the Service chooses a replica for each connection.
  await eventually("the new certificate, ten times in a row", async () => {
    const serials = new Set<string>();
    for (let connection = 0; connection < 10; connection++) serials.add(await servedSerial());
    return serials.size === 1 && !serials.has(old) ? true : undefined;
  }, 240_000);
  assert.equal(await started(), before);
});
