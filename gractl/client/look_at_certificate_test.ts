import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { lookAtCertificate } from "./look_at_certificate.ts";
import { testAuthority } from "./testing/test_authority.ts";
import { tlsGrad } from "./testing/tls_grad.ts";

const signal = new AbortController().signal;

/** Without leak checks: sockets close a moment after they are destroyed. */
function adapterTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

adapterTest("lookAtCertificate() says what is wrong with a certificate", async () => {
  const ca = await testAuthority();
  const others = (await testAuthority()).certificate;
  await using grad = await tlsGrad(await ca.server(["localhost", "127.0.0.1"]));
  const look = async (changes: Partial<Parameters<typeof lookAtCertificate>[0]> = {}) => {
    const server = {
      host: "127.0.0.1",
      port: grad.port,
      authority: ca.certificate,
      serverName: "",
      ...changes,
    };
    const { trusted, forThisName } = await lookAtCertificate(server, signal);
    return { trusted, forThisName };
  };
  assert.deepEqual(await look(), { trusted: true, forThisName: true });
  assert.deepEqual(await look({ serverName: "localhost" }), { trusted: true, forThisName: true });
  assert.deepEqual(await look({ serverName: "other.example" }), { trusted: true, forThisName: false });
  assert.deepEqual(await look({ authority: others }), { trusted: false, forThisName: true });
  assert.deepEqual(await look({ authority: "" }), { trusted: false, forThisName: true });
  assert.deepEqual(grad.tokens, []);
});

adapterTest("lookAtCertificate() reads the dates of one that has expired", async () => {
  const ca = await testAuthority();
  const ended = new Date(Math.floor(new Date().getTime() / 1_000) * 1_000 - 60_000);
  await using grad = await tlsGrad(await ca.server(["localhost"], ended));
  const server = { host: "localhost", port: grad.port, authority: ca.certificate, serverName: "" };
  const { validUntilMs, trusted, names } = await lookAtCertificate(server, signal);
  assert.deepEqual([validUntilMs, trusted, names], [ended.getTime(), false, "DNS:localhost"]);
});

adapterTest(
  "lookAtCertificate() throws where there is no server, no TLS, or no answer before the signal",
  async () => {
    const plain = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const silent = createServer(() => {});
    for (const server of [plain, silent]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    }
    const portOf = (server: typeof plain) => (server.address() as AddressInfo).port;
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port: closed } = free.addr;
    free.close();
    const look = (port: number, until = signal) =>
      lookAtCertificate({ host: "127.0.0.1", port, authority: "", serverName: "" }, until);
    await assert.rejects(look(portOf(plain)), {
      code: "certificate_invalid",
      message: /does not answer with TLS/,
    });
    await assert.rejects(look(closed), { code: "grad_unavailable" });
    const reason = new Error("enough");
    const ending = new AbortController();
    const looking = look(portOf(silent), ending.signal);
    ending.abort(reason);
    await assert.rejects(looking, reason);
    plain.close();
    silent.close();
  },
);
