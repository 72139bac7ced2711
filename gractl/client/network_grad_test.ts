import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer } from "node:net";
import { systemClock } from "../../shared/clock.ts";
import type { TokenSource } from "./token_source.ts";
import { dialNetworkGrad } from "./grpc_client.ts";
import { testAuthority } from "./testing/test_authority.ts";
import { tlsGrad } from "./testing/tls_grad.ts";
import type { NetworkServer } from "./tls_channel.ts";

const signal = new AbortController().signal;

/** Tokens of a list: the next one after one that was refused. */
function tokensOf(...tokens: readonly string[]): TokenSource & { asked: number } {
  let at = 0;
  return {
    asked: 0,
    current() {
      this.asked++;
      return Promise.resolve(tokens[at]!);
    },
    after: () => Promise.resolve(tokens[++at]),
    remedy: "Log in again.",
  };
}

const dial = (server: Partial<NetworkServer> & { port: number }, tokens: TokenSource = tokensOf("t")) =>
  dialNetworkGrad({ host: "localhost", authority: "", serverName: "", ...server }, {
    tokens,
    clock: systemClock,
    signal,
  });

/** Without leak checks: grpc-js closes sockets and timers a moment after a call. */
function adapterTest(name: string, body: () => Promise<void>): void {
  Deno.test({ name, fn: body, sanitizeOps: false, sanitizeResources: false });
}

adapterTest("dialNetworkGrad() sends the token to a server whose certificate is good", async () => {
  const ca = await testAuthority();
  await using grad = await tlsGrad(await ca.server(["localhost"]));
  await using client = await dial({ port: grad.port, authority: ca.certificate }, tokensOf("secret-1"));
  assert.deepEqual([client.info.backend, client.info.owner], ["kubernetes", "ann"]);
  await client.system.diagnose(signal);
  assert.deepEqual(grad.tokens, ["secret-1", "secret-1"]);
});

adapterTest("dialNetworkGrad() verifies an IP address, or the name that the context gives", async () => {
  const ca = await testAuthority();
  await using grad = await tlsGrad(await ca.server(["127.0.0.1", "grad.internal"]));
  const at = { port: grad.port, authority: ca.certificate };
  for (
    const server of [{ host: "127.0.0.1" }, { host: "127.0.0.1", serverName: "grad.internal" }, {
      serverName: "grad.internal",
    }]
  ) {
    await using client = await dial({ ...at, ...server });
    assert.equal(client.info.version, "9.9.9");
  }
  await assert.rejects(dial({ ...at, host: "127.0.0.1", serverName: "other.internal" }), {
    code: "certificate_invalid",
  });
});

adapterTest("dialNetworkGrad() sends nothing to a server whose certificate is not good", async () => {
  const ca = await testAuthority();
  const others = (await testAuthority()).certificate;
  const good = await ca.server(["localhost"]);
  const old = await ca.server(["localhost"], new Date(new Date().getTime() - 60_000));
  const elsewhere = await ca.server(["elsewhere.example", "127.0.0.2"]);
  const refused: readonly (readonly [Parameters<typeof tlsGrad>[0], Partial<NetworkServer>, RegExp])[] = [
    [good, { authority: others }, /not signed by the context's CA/],
    [good, { authority: "" }, /not signed by the context's CA/],
    [old, {}, /or has expired/],
    [elsewhere, {}, /for another name \(it has .*elsewhere\.example/],
    [elsewhere, { host: "127.0.0.1" }, /for another name \(it has .*127\.0\.0\.2/],
  ];
  for (const [pair, server, why] of refused) {
    await using grad = await tlsGrad(pair);
    const dialled = dial({ port: grad.port, authority: ca.certificate, ...server }, tokensOf("secret-1"));
    await assert.rejects(dialled, { code: "certificate_invalid", message: why });
    assert.deepEqual(grad.tokens, [], String(why));
  }
});

adapterTest("dialNetworkGrad() says that a server has no TLS, or does not answer", async () => {
  const ca = await testAuthority();
  const plain = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", () => resolve()));
  const { port } = plain.address() as AddressInfo;
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port: closed } = free.addr;
  free.close();
  const at = { authority: ca.certificate, host: "127.0.0.1" };
  await assert.rejects(dial({ ...at, port }), {
    code: "certificate_invalid",
    message: /does not answer with TLS/,
  });
  plain.close();
  await assert.rejects(dial({ ...at, port: closed }), {
    code: "grad_unavailable",
    message: /nobody listens there/,
  });
  await assert.rejects(dial({ ...at, host: "nowhere.invalid", port }), {
    code: "grad_unavailable",
    message: /https:\/\/nowhere\.invalid/,
  });
});

adapterTest(
  "dialNetworkGrad() goes through the proxy of the environment, and verifies grad and not the proxy",
  async () => {
    const ca = await testAuthority();
    const address = "192.0.2.7";
    await using grad = await tlsGrad(await ca.server(["grad.test", address]));
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.once("data", (request) => {
        asked.push(request.toString().split("\r\n")[0]!);
        const server = connect(grad.port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
        socket.pipe(server).pipe(socket);
        for (const end of [socket, server]) end.on("error", () => {});
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", () => resolve()));
    Deno.env.set("https_proxy", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    try {
      // Neither leads anywhere but through the proxy.
      for (const host of ["grad.test", address]) {
        await using client = await dial({ host, port: 443, authority: ca.certificate });
        assert.equal(client.info.owner, "ann");
      }
      await assert.rejects(dial({ host: "other.test", port: 443, authority: ca.certificate }), {
        code: "certificate_invalid",
      });
    } finally {
      Deno.env.delete("https_proxy");
      proxy.close();
    }
    assert.deepEqual(asked.slice(0, 2), [
      "CONNECT grad.test:443 HTTP/1.1",
      `CONNECT ${address}:443 HTTP/1.1`,
    ]);
  },
);

adapterTest("a refused token is replaced once, and the call made again", async () => {
  const ca = await testAuthority();
  await using grad = await tlsGrad(await ca.server(["localhost"]), { accepts: (token) => token === "new" });
  const at = { port: grad.port, authority: ca.certificate };
  await using client = await dial(at, tokensOf("old", "new"));
  assert.equal(client.info.owner, "ann");
  assert.deepEqual(grad.tokens, ["old", "new"]);
  await assert.rejects(dial(at, tokensOf("old", "older", "new")), { code: "unauthenticated" });
  await assert.rejects(dial(at, tokensOf("old")), { code: "unauthenticated", hint: "Log in again." });
});
