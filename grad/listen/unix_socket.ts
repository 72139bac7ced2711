import { ServerCredentials } from "@grpc/grpc-js";
import { bindServer, type Listener } from "./listener.ts";
import { claimSocket } from "./socket_claim.ts";

/** Listens on a unix socket that only its user can open. @throws {GradError} `grad_unavailable` where another grad serves it */
export async function unixSocket(path: string): Promise<Listener> {
  const claim = await claimSocket(path);
  return {
    callersBy: "socket",
    async bind(server) {
      await bindServer(server, `unix:${path}`, ServerCredentials.createInsecure());
      await Deno.chmod(path, 0o600);
      return `unix:${path}`;
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(path).catch(() => {});
      claim[Symbol.dispose]();
    },
  };
}
