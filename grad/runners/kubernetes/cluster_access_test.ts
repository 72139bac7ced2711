import assert from "node:assert/strict";
import http2 from "node:http2";
import { CoreV1Api } from "@kubernetes/client-node";
import { Authority } from "./certificates.ts";
import { ClusterAccess } from "./cluster_access.ts";

/** An API server that knows one namespace, and what it has seen. */
async function apiServer() {
  const nowMs = Date.now();
  const pair = await Authority.create(nowMs);
  const authority = await Authority.load(pair);
  const { certificate: cert, key } = await authority.server("localhost", nowMs, 1);
  const sessions: http2.ServerHttp2Session[] = [];
  const server = http2.createSecureServer({ cert, key });
  server.on("session", (session) => {
    sessions.push(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream: http2.ServerHttp2Stream) => {
    stream.respond({ ":status": 200, "content-type": "application/json" });
    stream.end(JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as { port: number };
  const access = (token: string) => {
    const config = new ClusterAccess();
    config.loadFromOptions({
      clusters: [{
        name: "c",
        server: `https://127.0.0.1:${port}`,
        tlsServerName: "localhost",
        caData: btoa(pair.certificate),
      }],
      users: [{ name: "u", token }],
      contexts: [{ name: "x", cluster: "c", user: "u" }],
      currentContext: "x",
    });
    return config;
  };
  return {
    sessions,
    access,
    authority,
    nowMs,
    [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      return Promise.resolve();
    },
  };
}

function test(name: string, body: (server: Awaited<ReturnType<typeof apiServer>>) => Promise<void>): void {
  Deno.test({
    name,
    // Connections of undici outlive the test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using server = await apiServer();
      await body(server);
    },
  });
}

test("ClusterAccess has one connection for all requests of all its clients", async ({ access, sessions }) => {
  const config = access("secret");
  const clients = [config.makeApiClient(CoreV1Api), config.makeApiClient(CoreV1Api)];
  for (let turn = 0; turn < 10; turn++) {
    for (const client of clients) await client.readNamespace({ name: "default" });
  }
  assert.equal(sessions.length, 1);
});

test("ClusterAccess uses a new connection when the files have other credentials", async ({ access, sessions, authority, nowMs }) => {
  const config = access("secret");
  const client = config.makeApiClient(CoreV1Api);
  await client.readNamespace({ name: "default" });
  const { certificate, key } = await authority.client("grad", nowMs, 1);
  Object.assign(config.users[0]!, { certData: btoa(certificate), keyData: btoa(key) });
  await client.readNamespace({ name: "default" });
  await client.readNamespace({ name: "default" });
  assert.equal(sessions.length, 2);
});

test("ClusterAccess goes on when the API server says that it ends", async ({ access, sessions }) => {
  const client = access("secret").makeApiClient(CoreV1Api);
  for (let turn = 1; turn <= 5; turn++) {
    await client.readNamespace({ name: "default" });
    assert.equal(sessions.length, turn);
    const ended = new Promise<void>((resolve) => sessions.at(-1)!.once("close", () => resolve()));
    sessions.at(-1)!.close();
    await ended;
  }
});
