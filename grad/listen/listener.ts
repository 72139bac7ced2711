import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { GradError } from "../../shared/errors.ts";
import type { Authenticator } from "../auth/authenticator.ts";

/** Where a server listens. */
export interface Listener extends AsyncDisposable {
  /** By what this listener's callers have to be known. */
  readonly callersBy: Authenticator["by"];
  /** Listens, until the result of the process. The address as gRPC has it: "unix:/path", or "host:port". @throws {GradError} `grad_unavailable` */
  bind(server: Server): Promise<string>;
}

/** Binds a server; the port that it has got, or 0 on a socket. @throws {GradError} `grad_unavailable` */
export function bindServer(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) return resolve(port);
      reject(
        new GradError("grad_unavailable", `Cannot listen on ${address}: ${error.message}`, { cause: error }),
      );
    });
  });
}
