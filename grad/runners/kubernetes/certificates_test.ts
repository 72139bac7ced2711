import "reflect-metadata";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  ExtendedKeyUsageExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as Parsed,
} from "@peculiar/x509";
import { Authority } from "./certificates.ts";

const NOW = Date.UTC(2026, 10, 24);

Deno.test("an authority signs certificates for one name and one purpose", async () => {
  const pair = await Authority.create(NOW);
  const authority = await Authority.load(pair);
  const root = new X509Certificate(pair.certificate);
  for (const [kind, usage] of [["server", "1.3.6.1.5.5.7.3.1"], ["client", "1.3.6.1.5.5.7.3.2"]] as const) {
    const { certificate, key } = await authority[kind]("rabc.runner.grad.internal", NOW, 30);
    const issued = new X509Certificate(certificate);
    assert.ok(issued.verify(root.publicKey));
    assert.equal(issued.subjectAltName, "DNS:rabc.runner.grad.internal");
    const usages = new Parsed(certificate).getExtension(ExtendedKeyUsageExtension)?.usages ?? [];
    assert.equal(usages.join(), usage);
    assert.equal(issued.ca, false);
    assert.equal(new Date(issued.validTo).getTime(), NOW + 30 * 24 * 3600 * 1000);
    assert.match(key, /^-----BEGIN PRIVATE KEY-----/);
  }
});

Deno.test("another authority's certificates do not verify", async () => {
  const [one, other] = [await Authority.create(NOW), await Authority.create(NOW)];
  const { certificate } = await (await Authority.load(one)).server("a.internal", NOW, 1);
  assert.equal(
    new X509Certificate(certificate).verify(new X509Certificate(other.certificate).publicKey),
    false,
  );
});

Deno.test("an authority signs by its own certificate, and is trusted with those that follow it", async () => {
  const [old, next] = [await Authority.create(NOW), await Authority.create(NOW)];
  const bundle = `${next.certificate}\n${old.certificate}`;
  const authority = await Authority.load({ certificate: bundle, key: next.key });
  const { certificate } = await authority.server("a.internal", NOW, 1);
  assert.ok(new X509Certificate(certificate).verify(new X509Certificate(next.certificate).publicKey));
  const trusted = authority.certificate.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)!;
  assert.deepEqual(
    trusted.map((pem) => new X509Certificate(pem).fingerprint256),
    [next, old].map(({ certificate }) => new X509Certificate(certificate).fingerprint256),
  );
});

Deno.test("authorities have names and key ids of their own, so that a certificate's is found among several", async () => {
  const [one, other] = [await Authority.create(NOW), await Authority.create(NOW)];
  const subjects = [one, other].map(({ certificate }) => new X509Certificate(certificate).subject);
  assert.match(subjects[0]!, /^CN=grad runners [0-9a-f]{8}$/);
  assert.notEqual(subjects[0], subjects[1]);
  const { certificate } = await (await Authority.load(one)).server("a.internal", NOW, 1);
  assert.equal(new X509Certificate(certificate).issuer, subjects[0]);
  const keyId = new Parsed(one.certificate).getExtension(SubjectKeyIdentifierExtension)?.keyId;
  assert.equal(new Parsed(certificate).getExtension(AuthorityKeyIdentifierExtension)?.keyId, keyId);
});
