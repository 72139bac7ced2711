import { Client, Server, ServerCredentials, status } from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Authority, type KeyPair } from "../../runners/kubernetes/certificates.ts";
import type { ComponentTls } from "../component_tls.ts";
import { componentChannel } from "./channel.ts";

const NAME = "one.runner.grad.internal";
const PATH = "/test.Echo/Echo";
const bytes = (value: Buffer) => value;

/** A component that answers clients of `authority` only, as `name`; the answer is what it was sent. */
async function component(authority: Authority, name: string) {
  const now = Date.now();
  const { certificate, key } = await authority.server(name, now, 1);
  const server = new Server();
  const echo = { path: PATH, requestStream: false, responseStream: false } as const;
  server.addService({
    Echo: {
      ...echo,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  }, {
    Echo: (call: { request: Buffer }, reply: (error: null, answer: Buffer) => void) =>
      reply(null, call.request),
  });
  const pair = { cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) };
  const credentials = ServerCredentials.createSsl(Buffer.from(authority.certificate), [pair], true);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => error ? reject(error) : resolve(bound))
  );
  return { port, [Symbol.dispose]: () => server.forceShutdown() };
}

function tlsOf(authority: Authority, client: KeyPair, serverName = NAME): ComponentTls {
  return { authority: authority.certificate, ...client, serverName };
}

/** What the component answers to "hello", or the code of the error. */
async function call(port: number, tls: ComponentTls | undefined): Promise<string | number> {
  const { credentials, options } = componentChannel(tls);
  const client = new Client(`127.0.0.1:${port}`, credentials, options);
  const deadline = Date.now() + 10_000;
  const answer = await new Promise<string | number>((resolve) =>
    client.makeUnaryRequest(
      PATH,
      bytes,
      bytes,
      Buffer.from("hello"),
      { deadline },
      (error, value) => resolve(error === null ? value!.toString() : error.code),
    )
  );
  client.close();
  return answer;
}

Deno.test({
  name: "componentChannel() calls only the component that it names, and shows it grad's certificate",
  // grpc-js closes its sockets after the call has ended.
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    const now = Date.now();
    const [ours, others] = await Promise.all(
      [1, 2].map(async () => await Authority.load(await Authority.create(now))),
    ) as [Authority, Authority];
    using right = await component(ours, NAME);
    using wrong = await component(ours, "two.runner.grad.internal");
    const grad = await ours.client("grad.internal", now, 1);
    assert.equal(await call(right.port, tlsOf(ours, grad)), "hello");
    assert.equal(await call(wrong.port, tlsOf(ours, grad)), status.UNAVAILABLE);
    assert.equal(await call(wrong.port, tlsOf(ours, grad, "two.runner.grad.internal")), "hello");
    const stranger = await others.client("grad.internal", now, 1);
    assert.equal(await call(right.port, tlsOf(ours, stranger)), status.UNAVAILABLE);
    assert.equal(await call(right.port, tlsOf(others, stranger)), status.UNAVAILABLE);
    assert.equal(await call(right.port, undefined), status.UNAVAILABLE);
  },
});
