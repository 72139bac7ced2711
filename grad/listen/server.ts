import "../../shared/goaway.ts";
import { Server } from "@grpc/grpc-js";
import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import { MAX_GRAD_REQUEST_BYTES, MAX_GRAD_RESPONSE_BYTES } from "../../shared/limits.ts";
import { addServices, type EdgeOptions, type UseCases } from "../rpc/services.ts";
import { type Probe, Readiness } from "../rpc/readiness.ts";
import { serveHealth } from "./health_port.ts";
import type { Listener } from "./listener.ts";

/** When grad stops, calls under way have this long to end by themselves. */
const DRAIN_MS = 2_000;
/** Calls that are still under way are then aborted, and have this long to answer with an error. */
const ABORT_MS = 1_000;
/** grpc-js does not say when an answer has been written to the socket: this long after the last one it has. */
const FLUSH_MS = 50;
/** How often the number of calls under way is checked. */
const POLL_MS = 10;

/** Of one message. Answers hold up to 4 MiB of events or of a file, requests up to 4 MiB of code or of a file. */
const LIMITS = {
  "grpc.max_send_message_length": MAX_GRAD_RESPONSE_BYTES,
  "grpc.max_receive_message_length": MAX_GRAD_REQUEST_BYTES,
};

export type ServerOptions =
  & UseCases
  & EdgeOptions
  & Readonly<{
    clock: Clock;
    probe: Probe;
    /** Where kubelets ask for health by plain HTTP. */
    health?: Readonly<{ hostname: string; port: number }>;
  }>;

/** A server that listens. */
export type Serving = AsyncDisposable & Readonly<{ address: string; healthPort: number | undefined }>;

/**
 * Serves on a listener. Disposing the result reports NOT_SERVING, waits for calls under way, then aborts them; runners are not
 * affected. The process must exit afterwards, which closes the connections: GOAWAY frames, which `tryShutdown` and `forceShutdown`
 * send, crash clients that run on Deno 2.9 (denoland/deno#36788, in nghttp2, where no code can catch it).
 * @throws {GradError} `grad_unavailable`; `internal` where callers would not be known by what the listener demands
 */
export async function serve(listener: Listener, options: ServerOptions): Promise<Serving> {
  if (options.authenticator.by !== listener.callersBy) {
    // Whoever reaches a port of the network would be the user of a unix socket.
    throw new GradError(
      "internal",
      `Cannot listen: callers have to be known by a ${listener.callersBy}, not by a ${options.authenticator.by}`,
    );
  }
  const stopping = new AbortController();
  const readiness = new Readiness(options);
  await using started = new AsyncDisposableStack();
  started.use(listener);
  const health = options.health && started.use(serveHealth(options.health, readiness));
  const server = new Server(LIMITS);
  const calls = addServices(server, { ...options, readiness, stopping: stopping.signal });
  const address = await listener.bind(server);
  const served = started.move();
  return {
    address,
    healthPort: health?.port,
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
          hint: "Repeat the call.",
        }),
      );
      await idle(ABORT_MS);
      await clock.sleep(FLUSH_MS);
      await served[Symbol.asyncDispose]();
    },
  };
}
