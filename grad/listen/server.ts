import "../../shared/goaway.ts";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import { addServices, type EdgeOptions, type UseCases } from "../rpc/services.ts";
import { type Probe, Readiness } from "../rpc/readiness.ts";
import { claimSocket } from "./socket_claim.ts";

const MIB = 1 << 20;

/** A stop waits this long for calls to end by themselves, and then this long for their errors to be sent. */
const DRAIN_MS = 2_000;
const LAST_WORDS_MS = 1_000;
/** From the last answer to its being written. */
const FLUSH_MS = 50;
const POLL_MS = 10;

const LIMITS = {
  "grpc.max_send_message_length": 64 * MIB,
  "grpc.max_receive_message_length": 8 * MIB,
};

export type ServerOptions = UseCases & EdgeOptions & Readonly<{ clock: Clock; probe: Probe }>;

/**
 * Serves on a unix socket that only its user can open. Disposing drains: runners are left alone. The process is to end then, which
 * closes the connections: HTTP/2's own farewell (GOAWAY, by `tryShutdown` or `forceShutdown`) kills clients that run on Deno 2.9
 * (denoland/deno#36788, a crash in nghttp2 that no code can catch).
 */
export async function serve(socket: string, options: ServerOptions): Promise<AsyncDisposable> {
  const claim = await claimSocket(socket);
  const stopping = new AbortController();
  const readiness = new Readiness(options);
  const server = new Server(LIMITS);
  const calls = addServices(server, { ...options, readiness, stopping: stopping.signal });
  await bind(server, `unix:${socket}`);
  await Deno.chmod(socket, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      const { clock } = options;
      const idle = async (withinMs: number) => {
        for (const until = clock.now() + withinMs; calls.running > 0 && clock.now() < until;) {
          await clock.sleep(POLL_MS);
        }
      };
      readiness.stop();
      await idle(DRAIN_MS);
      stopping.abort(
        new GradError("grad_unavailable", "Cannot finish the call: grad is stopping", {
          hint: "Call again.",
        }),
      );
      await idle(LAST_WORDS_MS);
      await clock.sleep(FLUSH_MS);
      await Deno.remove(socket).catch(() => {});
      claim[Symbol.dispose]();
    },
  };
}

function bind(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
      if (error === null) return resolve();
      reject(
        new GradError("grad_unavailable", `Cannot listen on ${address}: ${error.message}`, { cause: error }),
      );
    });
  });
}
