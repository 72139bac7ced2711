import "../../../shared/goaway.ts";
import { Buffer } from "node:buffer";
import { Metadata, type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from "@grpc/grpc-js";
import { SystemServiceService } from "../../../proto/gen/grad/v1/system.ts";
import { GradError } from "../../../shared/errors.ts";
import { encodeError, STATUS_DETAILS } from "../../../shared/wire_error.ts";

import type { TestPair } from "./test_authority.ts";

/** A grad of the network that only answers the handshake, to callers with a token that it accepts. */
export type TlsGrad =
  & AsyncDisposable
  & Readonly<{ port: number; /** Tokens of the calls that arrived. */ tokens: string[] }>;

/** @param accepts whether a token is valid (default: every one) */
export async function tlsGrad(
  { certificate, key }: TestPair,
  { accepts = () => true }: { accepts?: (token: string) => boolean } = {},
): Promise<TlsGrad> {
  const tokens: string[] = [];
  const server = new Server();
  const handle = (call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => {
    const token = tokenOf(call.metadata);
    tokens.push(token);
    if (accepts(token)) {
      const known = { serverVersion: "9.9.9", api: 1, backend: "kubernetes", owner: "ann" };
      return answer(null, { ...known, environments: ["default"], instance: "1-x", checks: [] });
    }
    const { code, message, details } = encodeError(new GradError("unauthenticated", "Cannot tell who calls"));
    const metadata = new Metadata();
    metadata.set(STATUS_DETAILS, Buffer.from(details));
    answer({ code, details: message, metadata });
  };
  server.addService(
    SystemServiceService,
    Object.fromEntries(Object.keys(SystemServiceService).map((name) => [name, handle])),
  );
  const pair = { cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) };
  // Without root certificates it would send the names of all that the machine trusts.
  const tls = ServerCredentials.createSsl(Buffer.alloc(0), [pair], false);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", tls, (error, bound) => error ? reject(error) : resolve(bound))
  );
  return {
    port,
    tokens,
    [Symbol.asyncDispose]() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

function tokenOf(metadata: Metadata): string {
  return String(metadata.get("authorization")[0] ?? "").replace(/^Bearer /, "");
}
