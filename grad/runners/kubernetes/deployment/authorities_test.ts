import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  type DeploymentAuthority,
  endOf,
  nextAuthority,
  nextServerCertificate,
  trusted,
} from "./authorities.ts";

const NOW = Date.UTC(2026, 10, 24);
const DAY_MS = 24 * 3600 * 1000;
const NAMES = ["grad", "grad.grad.svc", "10.0.0.7"];
const later = (days: number) => NOW + days * DAY_MS;

const authority = await nextAuthority(undefined, NOW);
const pair = await nextServerCertificate(undefined, authority, { names: NAMES, nowMs: NOW });

Deno.test("the server's certificate is for all names and addresses, and signed by the authority", () => {
  const issued = new X509Certificate(pair.certificate);
  assert.equal(issued.subjectAltName, "DNS:grad, DNS:grad.grad.svc, IP Address:10.0.0.7");
  assert.ok(issued.verify(new X509Certificate(authority.current.certificate).publicKey));
  assert.equal(endOf(pair.certificate), later(90));
});

Deno.test("nothing changes before it has to", async () => {
  assert.equal(await nextAuthority(authority, later(365)), authority);
  assert.equal(await nextServerCertificate(pair, authority, { names: NAMES, nowMs: later(60) }), pair);
});

for (
  const [why, options] of Object.entries({
    "30 days before its end": { names: NAMES, nowMs: later(61) },
    "when a name is added": { names: [...NAMES, "grad.example"], nowMs: NOW },
  })
) {
  Deno.test(`the server's certificate is renewed ${why}`, async () => {
    const renewed = await nextServerCertificate(pair, authority, options);
    assert.notEqual(renewed.certificate, pair.certificate);
    assert.equal(endOf(renewed.certificate), options.nowMs + 90 * DAY_MS);
  });
}

Deno.test("a certificate that cannot be read, or is another authority's, is replaced", async () => {
  const options = { names: NAMES, nowMs: NOW };
  const other = await nextAuthority(undefined, NOW);
  assert.notEqual(await nextServerCertificate(pair, other, options), pair);
  const broken = { ...pair, certificate: "nonsense" };
  assert.notEqual(await nextServerCertificate(broken, authority, options), broken);
});

Deno.test("an authority's successor is published two years before its end, and signs one year before it", async () => {
  const steps: [days: number, authority: DeploymentAuthority][] = [];
  let now = authority;
  for (let day = 0; day < 3700; day += 5) {
    const next = await nextAuthority(now, later(day));
    if (next !== now) steps.push([day, next]);
    now = next;
  }
  const [[published, first], [succeeded, second], ...more] = steps as [
    [number, DeploymentAuthority],
    [number, DeploymentAuthority],
  ];
  assert.deepEqual([published, succeeded, more], [2925, 3290, []]);
  assert.equal(first.current, authority.current);
  assert.deepEqual(second, {
    current: first.next,
    next: undefined,
    previous: authority.current.certificate,
  });
  // Clients that trust the old one are still served by a certificate of the old one after the successor was published.
  const count = (text: string) => text.match(/BEGIN CERTIFICATE/g)?.length;
  assert.equal(count(trusted(first, later(published))), 2);
  assert.equal(count(trusted(second, later(succeeded))), 2);
  // It has ended.
  assert.equal(trusted(second, later(3651)), `${second.current.certificate.trim()}\n`);
  assert.equal(first.current, authority.current);
  const renewed = await nextServerCertificate(pair, second, { names: NAMES, nowMs: later(succeeded) });
  assert.ok(
    new X509Certificate(renewed.certificate).verify(
      new X509Certificate(second.current.certificate).publicKey,
    ),
  );
});
