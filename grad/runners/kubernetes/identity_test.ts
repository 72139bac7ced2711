import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { silentLogger } from "../../../shared/log.ts";
import { fakeClock } from "../../../shared/testing/fake_clock.ts";
import { Authority, CLIENT_DAYS } from "./certificates.ts";
import { Identities } from "./identity.ts";

const DAY_MS = 24 * 3600 * 1000;
const clock = fakeClock(Date.UTC(2026, 10, 24));

Deno.test("Identities has one identity, for as long as half of its certificate's life", async () => {
  const pair = await Authority.create(clock.now());
  const identities = new Identities({ authority: () => pair, clock, log: silentLogger });
  const [first, same] = await Promise.all([identities.current(), identities.current()]);
  assert.equal(first, same);
  const { subject, validTo } = new X509Certificate(first.client.certificate);
  assert.equal(subject, "CN=grad.internal");
  assert.equal(Date.parse(validTo), clock.now() + CLIENT_DAYS * DAY_MS);
  await clock.advance(CLIENT_DAYS / 2 * DAY_MS - 1);
  assert.equal(await identities.current(), first);
  await clock.advance(1);
  const second = await identities.current();
  assert.notEqual(second.client.key, first.client.key);
  assert.equal(
    Date.parse(new X509Certificate(second.client.certificate).validTo),
    clock.now() + CLIENT_DAYS * DAY_MS,
  );
});

Deno.test("Identities follows an authority that is replaced, and keeps what it has when it cannot be used", async () => {
  const pairs = [await Authority.create(clock.now()), await Authority.create(clock.now())] as const;
  let pair = pairs[0];
  const identities = new Identities({ authority: () => pair, clock, log: silentLogger });
  const first = await identities.current();
  pair = { ...pairs[1], key: "no key" };
  await assert.rejects(identities.current());
  pair = pairs[0];
  assert.equal(await identities.current(), first);
  pair = pairs[1];
  const second = await identities.current();
  const signer = new X509Certificate(pairs[1].certificate).publicKey;
  assert.ok(new X509Certificate(second.client.certificate).verify(signer));
});
