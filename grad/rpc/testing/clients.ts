import "../../../shared/goaway.ts";
import { Buffer } from "node:buffer";
import {
  type CallOptions,
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { DatasetServiceClient } from "../../../proto/gen/grad/v1/dataset.ts";
import { ExecutionServiceClient } from "../../../proto/gen/grad/v1/execution.ts";
import { FileServiceClient } from "../../../proto/gen/grad/v1/file.ts";
import { RunnerServiceClient } from "../../../proto/gen/grad/v1/runner.ts";
import { SessionServiceClient } from "../../../proto/gen/grad/v1/session.ts";
import { SystemServiceClient } from "../../../proto/gen/grad/v1/system.ts";
import { decodeError, STATUS_DETAILS } from "../../../shared/wire_error.ts";

/** How to reach a grad of the network: who is trusted, the name in its certificate, and the caller's token; none is sent where it is undefined. */
export type Network = Readonly<{ ca: string; serverName: string; token: string | undefined }>;

/** Every service of grad, raw; by TLS where `network` is given. */
export function clients(address: string, network?: Network) {
  const channel = network === undefined ? credentials.createInsecure() : withToken(network);
  const options: Partial<ClientOptions> = network === undefined
    ? {}
    : { "grpc.ssl_target_name_override": network.serverName };
  const all = {
    system: new SystemServiceClient(address, channel, options),
    runner: new RunnerServiceClient(address, channel, options),
    execution: new ExecutionServiceClient(address, channel, options),
    session: new SessionServiceClient(address, channel, options),
    dataset: new DatasetServiceClient(address, channel, options),
    file: new FileServiceClient(address, channel, options),
  };
  return { ...all, [Symbol.dispose]: () => Object.values(all).forEach((client: Client) => client.close()) };
}

function withToken({ ca, token }: Network): ChannelCredentials {
  const tls = credentials.createSsl(Buffer.from(ca));
  if (token === undefined) return tls;
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return credentials.combineChannelCredentials(
    tls,
    credentials.createFromMetadataGenerator((_, done) => done(null, metadata)),
  );
}

type Method<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => unknown;

/** Calls a bound method; a failure is what the wire says: status name, code and message. */
export function call<Request, Response>(
  method: Method<Request, Response>,
  request: Request,
): Promise<Response> {
  return new Promise((resolve, reject) =>
    method(
      request,
      new Metadata(),
      {},
      (error, response) => error === null ? resolve(response) : reject(failureOf(error)),
    )
  );
}

function failureOf(error: ServiceError) {
  const [trailer] = error.metadata.get(STATUS_DETAILS);
  const known = decodeError(trailer instanceof Uint8Array ? trailer : undefined);
  return Object.assign(new Error(error.details), {
    status: status[error.code],
    code: known?.code,
    hint: known?.hint,
  });
}
