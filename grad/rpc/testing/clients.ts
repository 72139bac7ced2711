import "../../../shared/goaway.ts";
import {
  type CallOptions,
  type Client,
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

/** Every service of grad, raw. */
export function clients(address: string) {
  const insecure = credentials.createInsecure();
  const all = {
    system: new SystemServiceClient(address, insecure),
    runner: new RunnerServiceClient(address, insecure),
    execution: new ExecutionServiceClient(address, insecure),
    session: new SessionServiceClient(address, insecure),
    dataset: new DatasetServiceClient(address, insecure),
    file: new FileServiceClient(address, insecure),
  };
  return { ...all, [Symbol.dispose]: () => Object.values(all).forEach((client: Client) => client.close()) };
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
