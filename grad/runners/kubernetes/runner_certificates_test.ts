import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { ApiException, type V1Pod, type V1Secret } from "@kubernetes/client-node";
import { jsonLogger } from "../../../shared/log.ts";
import { aRecord } from "../testing/records.ts";
import { Authority } from "./certificates.ts";
import { RENEW_AFTER_MS, RunnerCertificates } from "./runner_certificates.ts";
import { toObject } from "./runner_object.ts";
import { RUNNER_LABEL } from "./manifests/metadata.ts";

const NOW = Date.UTC(2026, 10, 24);
const pair = await Authority.create(NOW);
const authority = await Authority.load(pair);
const identity = Promise.resolve({ authority, client: await authority.client("grad.internal", NOW, 1) });

const refusal = (code: number) => Promise.reject(new ApiException(code, "no", "{}", {}));

/** A namespace with pods of these ages, in milliseconds; the runner "rgone…" has no record any more, and "rfail…" cannot be read. */
function world(pods: Readonly<Record<string, { ageMs: number; ending?: true }>>) {
  const secrets = new Map<string, V1Secret>();
  const lines: Record<string, unknown>[] = [];
  const certificates = new RunnerCertificates({
    core: {
      listNamespacedPod: () => {
        const items = Object.entries(pods).map(([id, { ageMs, ending }]): V1Pod => ({
          metadata: {
            labels: { [RUNNER_LABEL]: id },
            creationTimestamp: new Date(NOW - ageMs),
            ...(ending ? { deletionTimestamp: new Date(NOW) } : {}),
          },
        }));
        return Promise.resolve({ items });
      },
      deleteNamespacedSecret: ({ name }) => secrets.delete(name) ? Promise.resolve({}) : refusal(404),
      createNamespacedSecret: ({ body }) => {
        secrets.set(body.metadata!.name!, body);
        return Promise.resolve(body);
      },
    },
    custom: {
      getNamespacedCustomObject({ name }) {
        if (name.startsWith("rgone")) return refusal(404);
        if (name.startsWith("rfail")) return refusal(500);
        const object = toObject({ ...aRecord(), id: name }, "runners");
        return Promise.resolve({ ...object, metadata: { ...object.metadata, uid: `uid-${name}` } });
      },
    },
    namespace: "runners",
    identity: () => identity,
    clock: { now: () => NOW },
    log: jsonLogger((line) => void lines.push(JSON.parse(line)), { now: () => NOW }),
  });
  return { secrets, lines, certificates };
}

Deno.test("RunnerCertificates.write() puts a certificate for the runner's name into the place of an earlier one", async () => {
  const { secrets, certificates } = world({});
  const record = aRecord();
  const write = async () => {
    await certificates.write(record, { namespace: "runners", uid: "uid" });
    return secrets.get(`${record.id}-tls`)!;
  };
  const [first, second] = [await write(), await write()];
  assert.equal(secrets.size, 1);
  assert.notEqual(first.stringData?.["tls.key"], second.stringData?.["tls.key"]);
  const issued = new X509Certificate(second.stringData!["tls.crt"]!);
  assert.equal(issued.subjectAltName, `DNS:${record.id}.runner.grad.internal`);
  assert.ok(issued.verify(new X509Certificate(pair.certificate).publicKey));
  assert.equal(second.metadata?.ownerReferences?.[0]?.uid, "uid", "Kubernetes deletes it with the runner");
});

Deno.test("RunnerCertificates.renewOld() renews those of old pods that are not ending", async () => {
  const { secrets, lines, certificates } = world({
    rfailaaaaaaaa: { ageMs: RENEW_AFTER_MS },
    roldaaaaaaaaa: { ageMs: RENEW_AFTER_MS },
    rnewaaaaaaaaa: { ageMs: RENEW_AFTER_MS - 1 },
    rendaaaaaaaaa: { ageMs: RENEW_AFTER_MS, ending: true },
    rgoneaaaaaaaa: { ageMs: RENEW_AFTER_MS },
  });
  assert.equal(await certificates.renewOld(), false, "one of them failed");
  assert.deepEqual([...secrets.keys()], ["roldaaaaaaaaa-tls"]);
  assert.equal(secrets.get("roldaaaaaaaaa-tls")?.metadata?.ownerReferences?.[0]?.uid, "uid-roldaaaaaaaaa");
  assert.deepEqual(lines.map(({ event, runner }) => [event, runner]), [
    ["certificate.not_renewed", "rfailaaaaaaaa"],
    ["certificate.renewed", "roldaaaaaaaaa"],
  ]);
});
