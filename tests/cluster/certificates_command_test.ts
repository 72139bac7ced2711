/** `grad certificates` against a real API server, with the rights of its own Role alone. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { silentLogger } from "../../shared/log.ts";
import { Authority } from "../../grad/runners/kubernetes/certificates.ts";
import { makeCertificates } from "../../grad/runners/kubernetes/deployment/keep_certificates.ts";
import { aNamespace, clusterConfig, kubectl } from "./support/cluster.ts";
import { withNamespaces } from "./support/manifests.ts";

const DAY_MS = 24 * 3600 * 1000;
const NAMES = ["grad", "10.0.0.7"];

/** A client with the token of a service account. */
async function as(config: KubeConfig, namespace: string, account: string): Promise<KubeConfig> {
  const token = (await kubectl("create", "token", account, "--namespace", namespace)).trim();
  const cluster = config.getCurrentCluster()!;
  const other = new KubeConfig();
  other.loadFromClusterAndUser(cluster, { name: account, token });
  return other;
}

Deno.test({
  name:
    "grad certificates makes what is missing, writes nothing again, and replaces an authority in two steps",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const config = clusterConfig();
    await using namespace = await aNamespace(config);
    const { name } = namespace;
    await withNamespaces("k8s/base/certificates.yaml", { grad: name }, [
      "ServiceAccount",
      "Role",
      "RoleBinding",
    ]);
    let now = Date.now();
    const options = {
      config: await as(config, name, "grad-certificates"),
      namespace: name,
      names: NAMES,
      clock: { now: () => now, sleep: () => Promise.resolve() },
      log: silentLogger,
    };
    const core = config.makeApiClient(CoreV1Api);
    const secret = async (secret: string) => {
      const { data, metadata } = await core.readNamespacedSecret({ name: secret, namespace: name });
      const text = (key: string) => atob(data![key]!);
      return { text, version: metadata!.resourceVersion };
    };
    const versions = () =>
      Promise.all(
        ["grad-tls", "grad-server-ca", "grad-runner-ca"].map(async (each) => (await secret(each)).version),
      );
    const published = async () =>
      (await core.readNamespacedConfigMap({ name: "grad-ca", namespace: name })).data!["ca.crt"]!;

    await makeCertificates(options);
    const first = await versions();
    const served = new X509Certificate((await secret("grad-tls")).text("tls.crt"));
    assert.ok(served.verify(new X509Certificate(await published()).publicKey));
    assert.equal(served.subjectAltName, "DNS:grad, IP Address:10.0.0.7");
    assert.ok(!(await published()).includes("PRIVATE KEY"));

    await makeCertificates(options);
    assert.deepEqual(await versions(), first);

    now += 61 * DAY_MS;
    await makeCertificates(options);
    const second = await versions();
    assert.notEqual(second[0], first[0], "grad's certificate is renewed");
    assert.deepEqual(second.slice(1), first.slice(1));

    // The authorities' last two years: the successor is trusted, and does not sign yet.
    const runners = await secret("grad-runner-ca");
    now += (3650 - 61 - 729) * DAY_MS;
    await makeCertificates(options);
    const both = await secret("grad-runner-ca");
    assert.equal(both.text("tls.key"), runners.text("tls.key"));
    assert.equal(both.text("tls.crt").match(/BEGIN/g)?.length, 2);
    assert.equal((await published()).match(/BEGIN/g)?.length, 2);
    // The last year: it signs, and the old one is trusted until its end.
    now += 365 * DAY_MS;
    await makeCertificates(options);
    const after = await secret("grad-runner-ca");
    assert.equal(after.text("tls.key"), both.text("next.key"));
    assert.equal(after.text("tls.crt").match(/BEGIN/g)?.length, 2);
    await Authority.load({ certificate: after.text("tls.crt"), key: after.text("tls.key") });
    const renewed = new X509Certificate((await secret("grad-tls")).text("tls.crt"));
    assert.ok(renewed.verify(new X509Certificate(await published()).publicKey));

    // A user of the cluster reads the public part, and none of the Secrets.
    const can = async (verb: string, resource: string, account: string) =>
      (await kubectl("auth", "can-i", verb, resource, "--namespace", name, "--as", account).catch(() => "no"))
        .trim();
    const serviceAccount = `system:serviceaccount:${name}:grad-certificates`;
    assert.equal(await can("get", "secret/grad-tls", serviceAccount), "yes");
    assert.equal(await can("get", "secret/another", serviceAccount), "no");
    assert.equal(await can("list", "secrets", serviceAccount), "no");
    assert.equal(await can("delete", "secrets", serviceAccount), "no");
  },
});
