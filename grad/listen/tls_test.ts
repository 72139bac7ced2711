import assert from "node:assert/strict";
import tls from "node:tls";
import { systemClock } from "../../shared/clock.ts";
import { silentLogger } from "../../shared/log.ts";
import { bearerTokens } from "../auth/bearer_tokens.ts";
import { call, clients } from "../rpc/testing/clients.ts";
import { Authority } from "../runners/kubernetes/certificates.ts";
import { served } from "../runners/testing/served.ts";
import { CertificateFiles, type KeyPair } from "./certificate_files.ts";
import { tlsListener } from "./tls.ts";

const NAME = "grad.test";
const LOOPBACK = { hostname: "127.0.0.1", port: 0 };
const ca = await Authority.load(await Authority.create(systemClock.now()));
const issue = () => ca.server(NAME, systemClock.now(), 1);

/** A grad over the memory backend that listens with TLS, and its certificate. */
async function world() {
  let pair: KeyPair = await issue();
  const certificate = new CertificateFiles({
    files: { certificate: "crt", key: "key" },
    readFile: (path) => Promise.resolve(path === "crt" ? pair.certificate : pair.key),
    clock: systemClock,
    log: silentLogger,
  });
  await certificate.load();
  const verify = (token: string) =>
    Promise.resolve(token === "good" ? { owner: "alice", isAdmin: false } : undefined);
  const grad = await served({
    authenticator: bearerTokens(verify, systemClock),
    listener: tlsListener(LOOPBACK, certificate),
  });
  const connect = (token?: string, trusted = ca.certificate) =>
    clients(grad.address, { ca: trusted, serverName: NAME, token });
  return {
    grad,
    connect,
    renew: async () => {
      pair = await issue();
      await certificate.load();
      return pair;
    },
    [Symbol.asyncDispose]: () => grad[Symbol.asyncDispose](),
  };
}

/** The certificate that a new connection gets, as a fingerprint. */
function fingerprint(address: string): Promise<string> {
  const [host = "", port] = address.split(":");
  return new Promise((resolve, reject) => {
    const options = { host, port: Number(port), servername: NAME, ca: ca.certificate, ALPNProtocols: ["h2"] };
    const socket = tls.connect(options, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

const unsanitized = { sanitizeOps: false, sanitizeResources: false };
const handshake = ({ system }: ReturnType<typeof clients>) =>
  call(system.handshake.bind(system), { clientVersion: "1", api: 1 });

Deno.test({
  name: "tlsListener() serves callers with a token whose client trusts its authority, and nobody else",
  ...unsanitized,
  async fn() {
    await using it = await world();
    using known = it.connect("good");
    assert.equal((await handshake(known)).owner, "alice");
    for (const token of [undefined, "bad"]) {
      using unknown = it.connect(token);
      await assert.rejects(handshake(unknown), { status: "UNAUTHENTICATED", code: "unauthenticated" });
    }
    const other = await Authority.load(await Authority.create(systemClock.now()));
    using distrustful = it.connect("good", other.certificate);
    await assert.rejects(handshake(distrustful), { status: "UNAVAILABLE" });
    using plain = clients(it.grad.address);
    await assert.rejects(handshake(plain), { status: "UNAVAILABLE" });
  },
});

Deno.test({
  name:
    "tlsListener() uses a renewed certificate for new connections, and keeps the connections that there are",
  ...unsanitized,
  async fn() {
    await using it = await world();
    using before = it.connect("good");
    await handshake(before);
    const first = await fingerprint(it.grad.address);
    assert.equal(await fingerprint(it.grad.address), first);
    await it.renew();
    assert.notEqual(await fingerprint(it.grad.address), first);
    assert.equal((await handshake(before)).owner, "alice");
    using after = it.connect("good");
    assert.equal((await handshake(after)).owner, "alice");
  },
});

Deno.test({
  name: "serve() refuses a listener of the network where callers would not need a token",
  ...unsanitized,
  async fn() {
    const pair = await issue();
    const certificate = new CertificateFiles({
      files: { certificate: "crt", key: "key" },
      readFile: (path) => Promise.resolve(path === "crt" ? pair.certificate : pair.key),
      clock: systemClock,
      log: silentLogger,
    });
    await certificate.load();
    const listener = tlsListener(LOOPBACK, certificate);
    await assert.rejects(served({ listener }), {
      code: "internal",
      message: "Cannot listen: callers have to be known by a token, not by a socket",
    });
  },
});
